"""Computes the memory of training: its parts in bytes, and the peak of a step (modelled in `autograd`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from cnncalc.analysis.memory.autograd import KeptTensor, trainable_nodes, training_run
from cnncalc.analysis.memory.liveness import Load, Span, loads_per_step
from cnncalc.analysis.memory.moment import Moment, moment_of
from cnncalc.analysis.parameters import parameters_of, total
from cnncalc.graph import Graph, Node
from cnncalc.quantities.sizes import numel, or_zero
from cnncalc.symbolic import Size

OPTIMIZERS = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adagrad": 1, "adam": 2, "adamw": 2}
"""State elements per trainable element. The step counts of Adam and Adagrad, one element per tensor that PyTorch keeps
on the CPU, are left out."""
COUNTER = 8  # bytes of num_batches_tracked of BatchNorm


class Training:
    """A training step: its parts in bytes, and its peak.

    `weights`, `buffers`, `gradients` and `optimizer` include training heads. `inputs` are held by the caller. `saved`
    is what the backward pass needs besides inputs and weights, at the end of the forward pass.
    """

    def __init__(self, graph: Graph, width: int, batch: Size, optimizer: str) -> None:
        self._graph, self._width, self._batch = graph, width, batch
        self._state = OPTIMIZERS[optimizer]
        self._run = training_run(graph, width)
        learns = trainable_nodes(graph.nodes)
        self._trainable = total(parameters_of(node).params for node in graph.nodes if learns[node.name])

    @cached_property
    def weights(self) -> Size:
        """Bytes of all parameters."""
        return weight_bytes(self._graph.nodes, self._width)

    @cached_property
    def buffers(self) -> Size:
        """Bytes of all buffers."""
        return buffer_bytes(self._graph.nodes, self._width)

    @property
    def gradients(self) -> Size:
        """Bytes of the gradients of all trainable parameters."""
        return self._trainable * self._width

    @property
    def optimizer(self) -> Size:
        """Bytes of the optimizer's state."""
        return self._trainable * self._state * self._width

    @property
    def inputs(self) -> Size:
        """Bytes of the inputs."""
        return total(map(numel, self._graph.inputs.values())) * self._width * self._batch

    @cached_property
    def saved(self) -> Size:
        """Bytes that autograd saves besides inputs and weights; shared memory counts once."""
        return total(or_zero(self.saved_by(node.name)) for node in self._graph.nodes)

    @property
    def at_least(self) -> bool:
        """Whether some layer's memory is unknown, so that `saved` and the peak are lower bounds."""
        unweighed = any(not node.layer.weights_known for node in self._graph.nodes)
        return unweighed or any(kept is None for kept in self._run.kept.values())

    def kept_by(self, name: str) -> tuple[KeptTensor, ...] | None:
        """What a node is the first to save, network inputs included; None if unknown."""
        return self._run.kept[name]

    def saved_by(self, name: str) -> Size | None:
        """Bytes that a node is the first to save, without network inputs; None if unknown."""
        kept = self.kept_by(name)
        if kept is None:
            return None
        inputs = self._graph.inputs
        return total(tensor.load.at(self._batch) for tensor in kept if tensor.what or tensor.name not in inputs)

    @property
    def base(self) -> Size:
        """Bytes that are allocated throughout: weights, buffers, optimizer state."""
        return self.weights + self.buffers + self.optimizer

    @cached_property
    def loads(self) -> list[Load]:
        """The load of every step, forward and backward, besides the base."""
        return loads_per_step(self._run.spans, self._run.steps)

    @property
    def spans(self) -> list[Span]:
        """What is alive from which step to which, besides the base."""
        return self._run.spans

    @cached_property
    def peak(self) -> Moment:
        """The peak besides the base."""
        names = [node.name for node in self._graph.nodes]
        return moment_of(self._run.spans, self.loads, names, self._batch)

    @cached_property
    def bytes(self) -> Size | None:
        """Total bytes at the peak: base, inputs, activations, gradients; None if it depends on symbols."""
        return None if self.peak.bytes is None else self.base + self.peak.bytes


def weight_bytes(nodes: Iterable[Node], width: int) -> Size:
    """Bytes of the parameters that these nodes own."""
    return total(parameters_of(node).params for node in nodes) * width


def buffer_bytes(nodes: Iterable[Node], width: int) -> Size:
    """Bytes of the buffers that these nodes own; the batch count is always an int64."""
    return total(
        COUNTER if name == "num_batches_tracked" else numel(shape) * width
        for node in nodes
        if node.shares is None
        for name, shape in node.buffers.items()
    )
