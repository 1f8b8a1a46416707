"""Time layer by layer: marks around every layer while the whole network runs, so that each meets its real input."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import nn

from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.roofline.bounds import Bound, Ceilings, Work, bound_of, inference, work_of
from cnncalc.pytorch.network import Network

FEWEST_PASSES = 5
MOST_PASSES = 1000
LEAD = 1.2  # the device sleeps so many times what the host needs to queue a pass


class LayerTime(NamedTuple):
    """One layer at inference: seconds (the median over passes), its work, its bound."""

    name: str
    kind: str
    seconds: float
    work: Work
    bound: Bound

    @property
    def share(self) -> float | None:
        """What part of the time its bound is: 1 is as fast as the device can; None where nothing bounds it."""
        return self.bound.seconds / self.seconds if self.bound.seconds and self.seconds else None


def layer_times(device: Device, network: Network, graph: Graph, call: Call, duration: float) -> dict[str, float]:
    """Layer → median seconds, over passes that last `duration` in all."""
    passes: dict[str, list[float]] = {}
    spent = 0.0
    with marking(device, network, graph) as marks:
        lead = LEAD * queueing(call)  # these passes are not counted
        while True:
            marks.clear()
            device.head_start(lead)
            call()
            times = device.between([mark for _, mark in marks])
            for (name, _), seconds in zip(marks[1::2], times[::2], strict=True):
                passes.setdefault(name, []).append(seconds)
            spent += sum(times)
            count = max(map(len, passes.values()), default=MOST_PASSES)
            if count >= MOST_PASSES or (spent >= duration and count >= FEWEST_PASSES):
                return {name: statistics.median(found) for name, found in passes.items()}


def queueing(call: Call) -> float:
    """Seconds of the host to queue a pass, marks and all; the first is apart, since it may load what it needs."""
    call()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@contextmanager
def marking(device: Device, network: Network, graph: Graph) -> Iterator[list[tuple[str, object]]]:
    """Marks before and after every layer of inference, in the order of their run."""
    marks: list[tuple[str, object]] = []

    def before(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda module, args: marks.append((name, device.mark()))

    def after(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda module, args, out: marks.append((name, device.mark()))

    handles = []
    for node in inference(graph):
        module = network.module(node.name)
        handles.append(module.register_forward_pre_hook(before(node.name)))
        handles.append(module.register_forward_hook(after(node.name)))
    try:
        yield marks
    finally:
        for handle in handles:
            handle.remove()


def layers_of(
    graph: Graph, times: dict[str, float], batch: int, item: int, ceilings: Ceilings
) -> tuple[LayerTime, ...]:
    """Every layer's time beside its bound."""
    found = []
    for node in inference(graph):
        work = work_of(node, batch, item)
        found.append(LayerTime(node.name, node.kind, times[node.name], work, bound_of(work, ceilings)))
    return tuple(found)
