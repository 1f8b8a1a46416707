"""Run passes of a network with a mark after each layer, in stretches that fit the device's queue."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple

from torch import nn
from torch.utils.hooks import RemovableHandle

from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.roofline.bounds import inference
from cnncalc.pytorch.network import Network

STRETCH = 300  # layers per head start: a stream queues about a thousand launches, then the host waits for the device
COLD_STRETCH = 150  # each layer also clears the cache and has a second mark
LEAST_STRETCH = 20


class Pass(NamedTuple):
    """One pass: (layer, seconds on the device) in order, and whether the host finished before each head start ended."""

    times: list[tuple[str, float]]
    in_time: bool


class Passes:
    """Hooks on every layer that runs at inference, within the context.

    A stretch begins with the device idle and asleep for `lead` seconds, while the host queues the stretch. There is one
    mark between layers, or two around each layer if the cache is cleared before it.
    """

    def __init__(self, device: Device, network: Network, graph: Graph, cold: bool = False) -> None:
        self._device = device
        self._modules = {node.name: network.module(node.name) for node in inference(graph)}
        self._cold = cold
        self.stretch = COLD_STRETCH if cold else STRETCH
        self._handles: list[RemovableHandle] = []
        self._enter: Callable[[], object] = _ignore
        self._leave: Callable[[str], object] = _ignore

    def __enter__(self) -> Passes:
        for name, module in self._modules.items():
            self._handles.append(module.register_forward_pre_hook(self._before))
            self._handles.append(module.register_forward_hook(self._after(name)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def host_times(self, call: Call) -> dict[str, float]:
        """The host's seconds to queue each layer, by name, after a pass that loads whatever a first pass needs."""
        call()
        times: dict[str, float] = {}
        start = 0.0

        def enter() -> None:
            nonlocal start
            if len(times) % self.stretch == 0:
                self._device.wait()
            start = self._device.now()

        def leave(name: str) -> None:
            times[name] = self._device.now() - start

        self._watch(call, enter, leave)
        return times

    def run(self, call: Call, lead: float) -> tuple[Pass, float]:
        """Run one pass; returns it, and the host's seconds for its slowest stretch."""
        stretches: list[list[tuple[str, object]]] = []
        longest, began, count = 0.0, 0.0, 0

        def enter() -> None:
            nonlocal began
            if count % self.stretch == 0:
                self._device.wait()
                began = self._device.now()
                self._device.head_start(lead)
                stretches.append([])
            if self._cold:
                self._device.clear_cache()
            if self._cold or not stretches[-1]:
                stretches[-1].append(("", self._device.mark()))

        def leave(name: str) -> None:
            nonlocal count, longest
            count += 1
            stretches[-1].append((name, self._device.mark()))
            longest = max(longest, self._device.now() - began)

        self._watch(call, enter, leave)
        times = [pair for stretch in stretches for pair in self._times(stretch)]
        return Pass(times, longest < lead or not self._device.queues), longest

    def _times(self, stretch: list[tuple[str, object]]) -> list[tuple[str, float]]:
        seconds = self._device.between([mark for _, mark in stretch])
        return [(name, each) for (name, _), each in zip(stretch[1:], seconds, strict=True) if name]

    def _watch(self, call: Call, enter: Callable[[], object], leave: Callable[[str], object]) -> None:
        self._enter, self._leave = enter, leave
        try:
            call()
        finally:
            self._enter, self._leave = _ignore, _ignore

    def _before(self, module: nn.Module, args: Any) -> None:  # noqa: ANN401
        self._enter()

    def _after(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def leave(module: nn.Module, args: Any, out: Any) -> None:  # noqa: ANN401
            self._leave(name)

        return leave


def _ignore(name: str = "") -> None:
    """Do nothing: the action of the hooks between passes."""
