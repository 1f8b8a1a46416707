"""Set up the network of a graph on a device, and make the calls that are timed: one pass or step over one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.faults import layer_at
from cnncalc.pytorch.bench.memory.allocations import Allocations
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.builder import build
from cnncalc.pytorch.verification.user_network import tensors_of
from cnncalc.pytorch.verification.verify import random_inputs

CHANNELS_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}  # by number of dimensions, including the batch
LEARNING_RATE = 1e-4  # small, so that values stay finite however long a run takes
MOMENTUM = 0.9


class Named(NamedTuple):
    """A graph, the name under which it was requested, and the values from `--set`."""

    name: str
    graph: Graph
    given: Mapping[str, Any] = {}


class Subject:
    """A network on a device; its weights have the requested data type at inference, float32 in training (autocast)."""

    def __init__(self, graph: Graph, settings: Settings, device: Device, team: Team) -> None:
        self._graph = graph
        self._settings = settings
        self._device = device
        self._kind = torch.device(device.place).type
        self._mixed = settings.training and settings.tensor_dtype != torch.float32
        self._dtype = torch.float32 if self._mixed else settings.tensor_dtype
        self.network = build(graph, device.place, self._dtype).train(settings.training)
        self._format: Any = self._memory_format() if settings.channels_last else None
        if self._format is not None:
            channels_last(self.network)
        self._names = {id(self.network.module(node.name)): node.name for node in graph.nodes}
        self._optimizer = self._sgd() if settings.training else None
        self._scaler = torch.amp.GradScaler(self._kind, enabled=self._mixed and settings.dtype == "fp16")
        self._parallel = team.parallel(self.network)
        self.inputs: list[Tensor] = []

    def call(self, batch: int, plain: bool = False) -> Call:
        """A call for one pass or training step over random inputs; compiled if the settings say so, unless `plain`."""
        inputs = random_inputs(self._graph, self._device.place, self._dtype, batch)
        self.inputs = [self._lay_out(tensor) for tensor in inputs]
        run: Any = self._parallel
        if self._settings.compile and not plain:
            torch.compiler.reset()  # compile each batch for its own sizes
            run = torch.compile(run, dynamic=False)
        return self._step(run, self.inputs) if self._settings.training else self._pass(run, self.inputs)

    def eager(self) -> Call:
        """A call for the same pass, uncompiled, over the most recent inputs."""
        return self._pass(self.network, self.inputs)

    def alone(self) -> Call:
        """A call for a step over the same inputs without the other ranks: no gradients are exchanged."""
        return self._step(self.network, self.inputs)

    def split(self, mark: Callable[[], object]) -> Call:
        """A call for an uncompiled step over the same inputs, with `mark` after the forward and the backward pass."""
        return self._step(self._parallel, self.inputs, mark)

    def locate(self, error: BaseException) -> str | None:
        """The name of the layer in which an exception was raised; None if it was raised outside any layer."""
        return layer_at(error, self._names)

    def gradient_bytes(self) -> int:
        """Bytes of all gradients, which is also the size of the buckets in which ranks exchange them."""
        return distinct_bytes(p for p in self.network.parameters() if p.requires_grad)

    def forget(self) -> None:
        """Drop the inputs and the gradients."""
        self.inputs = []
        self.clear_gradients()

    def clear_gradients(self) -> None:
        """Set the gradients to None, as every step does first."""
        self.network.zero_grad(set_to_none=True)

    def held_bytes(self) -> int:
        """Bytes that persist between calls: weights, buffers, the optimizer's state, the inputs."""
        tensors: list[Tensor] = [*self.network.parameters(), *self.network.buffers(), *self.inputs]
        if self._optimizer is not None:
            state = self._optimizer.state.values()
            tensors += [value for kept in state for value in kept.values() if isinstance(value, Tensor)]
        return distinct_bytes(tensors)

    def tensor_bytes(self, call: Call) -> int | None:
        """The peak in bytes of the tensors that a call allocates; None if compiled code hides them."""
        if self._settings.compile:
            return None
        counted = Allocations()
        with counted:
            call()
        return counted.peak

    def _pass(self, run: Any, inputs: list[Tensor]) -> Call:  # noqa: ANN401
        def forward() -> object:
            with torch.inference_mode():
                return run(*inputs)

        return forward

    def _step(self, run: Any, inputs: list[Tensor], mark: Callable[[], object] = lambda: None) -> Call:  # noqa: ANN401
        optimizer, scaler = self._optimizer, self._scaler
        assert optimizer is not None

        def step() -> None:
            optimizer.zero_grad(set_to_none=True)
            with self._precision():
                loss = loss_of(run(*inputs))
            mark()
            scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            mark()
            scaler.step(optimizer)
            scaler.update()

        return step

    def _precision(self) -> AbstractContextManager[Any]:
        if not self._mixed:
            return nullcontext()
        return torch.autocast(self._kind, self._settings.tensor_dtype)

    def _sgd(self) -> torch.optim.SGD:
        trainable = [p for p in self.network.parameters() if p.requires_grad]
        if not trainable:
            raise UsageError(f"{self._graph.name} has nothing to train: omit --mode training")
        return torch.optim.SGD(trainable, LEARNING_RATE, MOMENTUM)

    def _memory_format(self) -> Any:  # noqa: ANN401
        for shape in self._graph.inputs.values():
            if len(shape) + 1 in CHANNELS_LAST:
                return CHANNELS_LAST[len(shape) + 1]
        raise UsageError(f"{self._graph.name} has no input with channels to put last: omit --channels-last")

    def _lay_out(self, tensor: Tensor) -> Tensor:
        memory_format = CHANNELS_LAST.get(tensor.dim()) if self._format is not None else None
        return tensor if memory_format is None else tensor.to(memory_format=memory_format)


def channels_last(network: nn.Module) -> None:
    """Convert every weight and buffer to the channels-last format for its number of dimensions."""
    for tensor in (*network.parameters(), *network.buffers()):
        memory_format = CHANNELS_LAST.get(tensor.dim())
        if memory_format is not None:
            tensor.data = tensor.data.contiguous(memory_format=memory_format)


def loss_of(result: object) -> Tensor:
    """A scalar loss for any outputs: the sum of their mean squares."""
    losses = [tensor.float().square().mean() for tensor in tensors_of(result)]
    return torch.stack(losses).sum()


def distinct_bytes(tensors: Iterable[Tensor]) -> int:
    """Bytes of the storages of tensors; shared storages count once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


def lone_normalization(graph: Graph) -> str | None:
    """The first batch normalization with one value per channel at batch 1, which PyTorch refuses to train."""
    lone = (node.name for node in graph.nodes if node.kind == "batchnorm" and all(n == 1 for n in node.output[1:]))
    return next(lone, None)
