"""Memory (DESIGN section 9): bytes of weights, buffers and activations, the peak of inference and of training.

Weights and buffers stay; activations come and go. An activation is a tensor with memory of its own: a view, and what a
layer computes in place, is none. Peaks count tensors, not what single operations need while they run (workspaces of
convolutions, padded copies) nor how an allocator rounds. Sizes are bytes; KiB and MiB are 1024-based.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cnncalc.analysis.folding import folded_batchnorms
from cnncalc.analysis.liveness import Load, Peak, Span, alive_at, loads, peak_of, spans_of
from cnncalc.analysis.parameters import count, parameters_of, total
from cnncalc.analysis.storage import Storages, storages
from cnncalc.analysis.training import OPTIMIZERS, KeptTensor, learning, training_run
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.suggest import nearest
from cnncalc.symbolic import Size

DTYPES = {  # bytes per number
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int8": 1,
    "uint8": 1,
}
FLOATING = tuple(name for name in DTYPES if "float" in name)
COUNTER = 8  # BatchNorm's count of batches is an int64 in any network


class Live(NamedTuple):
    """Something alive at a peak."""

    name: str
    bytes: Size


class Moment(NamedTuple):
    """The most bytes alive at once, beside weights and buffers; at which node, and what is alive then.

    `bytes` is None where which step is the peak depends on symbols in too many ways; `node` is None where it depends at
    all. `again` are the nodes at which as much is alive. `backward` says that it is on the way back.
    """

    bytes: Size | None
    node: str | None
    alive: tuple[Live, ...]
    again: tuple[str, ...]
    backward: bool = False


class Activation(NamedTuple):
    """What a layer's output takes: bytes of its own, 0 where it lies in another's memory; and whose that is."""

    name: str
    bytes: Size
    memory_of: str | None


@dataclass(frozen=True)
class Memory:
    """The memory that a graph takes; every figure is folded when it is first asked for."""

    graph: Graph
    batch: Size = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    fold_batchnorm: bool = False

    def __post_init__(self) -> None:
        _known("dtype", self.dtype, DTYPES)
        _known("optimizer", self.optimizer, OPTIMIZERS)

    @property
    def width(self) -> int:
        """Bytes per number."""
        return DTYPES[self.dtype]

    @cached_property
    def folded(self) -> frozenset[str]:
        """The batch normalizations that are folded into the layer before them."""
        return folded_batchnorms(self.graph) if self.fold_batchnorm else frozenset()

    @cached_property
    def weights(self) -> Size:
        """Bytes of the parameters that inference needs."""
        return self._weights(self._inference) + total(added * self.width for added in self._folded_biases())

    @cached_property
    def buffers(self) -> Size:
        """Bytes of the buffers that inference needs."""
        return self._buffers(self._inference)

    @cached_property
    def inputs(self) -> Size:
        """Bytes of the inputs, which the caller holds."""
        return total(count(shape) for shape in self.graph.inputs.values()) * self.width * self.batch

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """What every layer's output takes at inference (of a training head, in training), in the order of execution."""
        run, all_of = self._storages, storages(self.graph.inputs, self.graph.nodes, training=True)
        return tuple(self._activation(node.name, all_of if node.training else run) for node in self.graph.nodes)

    @cached_property
    def activation_bytes(self) -> Size:
        """Bytes of all activations of inference together."""
        heads = {node.name for node in self.graph.nodes if node.training}
        return total(activation.bytes for activation in self.activations if activation.name not in heads)

    @cached_property
    def peak(self) -> Moment:
        """The most bytes of inputs and activations that are alive at once at inference."""
        nodes, (found, alive) = self._inference, self._inference_spans
        peak = peak_of(alive, self.batch)
        return self._moment(found, peak, [node.name for node in nodes])

    @cached_property
    def inference_bytes(self) -> Size | None:
        """Weights, buffers and the peak of activations together."""
        return None if self.peak.bytes is None else self.weights + self.buffers + self.peak.bytes

    @cached_property
    def training(self) -> Training:
        """What a step of training takes.

        Raises:
            UsageError: the dtype has no gradients.
        """
        if self.dtype not in FLOATING:
            raise UsageError(f"training needs a floating-point dtype ({', '.join(FLOATING)}), not {self.dtype}")
        return Training(self)

    def fits(self, budget: int, training: bool = False) -> int:
        """The largest batch whose inference (or step of training) takes no more than so many bytes; 0 where none does.

        Every step takes fixed + each·N bytes: N is the smallest ⌊(budget − fixed)/each⌋ of all steps.

        Raises:
            UsageError: a size depends on a symbol.
        """
        base, alive = (self.training.base, self.training.loads) if training else (self._base, self._inference_spans[1])
        return largest_batch(budget, base, alive)

    @property
    def _base(self) -> Size:
        return self.weights + self.buffers

    @cached_property
    def _inference(self) -> tuple[Node, ...]:
        return tuple(node for node in self.graph.nodes if not node.training)

    @cached_property
    def _storages(self) -> Storages:
        return storages(self.graph.inputs, self._inference, skipped=self.folded)

    @cached_property
    def _inference_spans(self) -> tuple[list[Span], list[Load]]:
        nodes = self._inference
        spans = spans_of(self.graph.inputs, nodes, self.graph.outputs.values(), self._storages, self.width)
        return spans, loads(spans, len(nodes))

    def _activation(self, name: str, found: Storages) -> Activation:
        owner = found.owner[name]
        own = owner == name
        return Activation(name, found.numbers[name] * self.width * self.batch if own else 0, None if own else owner)

    def _moment(self, spans: Sequence[Span], peak: Peak, names: Sequence[str]) -> Moment:
        if peak.step is None:
            return Moment(peak.bytes, None, (), ())
        alive = [Live(span.name, span.load.at(self.batch)) for span in alive_at(spans, peak.step)]
        steps = len(names)
        both = [*names, *reversed(names)]
        back = peak.step >= steps
        return Moment(peak.bytes, both[peak.step], tuple(alive), tuple(both[step] for step in peak.ties), back)

    def _weights(self, nodes: Sequence[Node]) -> Size:
        return total(parameters_of(node).params for node in nodes if node.name not in self.folded) * self.width

    def _buffers(self, nodes: Sequence[Node]) -> Size:
        return total(
            COUNTER if name == "num_batches_tracked" else count(shape) * self.width
            for node in nodes
            if node.shares is None and node.name not in self.folded
            for name, shape in node.buffers.items()
        )

    def _folded_biases(self) -> list[Size]:
        """The biases that folding gives to layers without one."""
        by_name = {node.name: node for node in self.graph.nodes}
        before = [by_name[by_name[name].inputs[0]] for name in self.folded]
        return [node.output[0] for node in before if "bias" not in node.weights]


class Training:
    """A step of training: parts in bytes, and the most that is alive at once.

    `weights`, `buffers`, `gradients`, `optimizer`: of all parameters, training heads included. `inputs`: held by the
    caller. `saved`: what the backward pass needs besides inputs and weights, at the end of the forward pass.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._run = training_run(memory.graph, memory.width)
        nodes, learns = memory.graph.nodes, learning(memory.graph.nodes)
        self._trainable = total(parameters_of(node).params for node in nodes if learns[node.name])

    @cached_property
    def weights(self) -> Size:
        """Bytes of all parameters."""
        return total(parameters_of(node).params for node in self._memory.graph.nodes) * self._memory.width

    @cached_property
    def buffers(self) -> Size:
        """Bytes of all buffers."""
        return Memory(self._memory.graph, dtype=self._memory.dtype)._buffers(self._memory.graph.nodes)

    @property
    def gradients(self) -> Size:
        """Bytes of the gradients of all parameters that are not frozen."""
        return self._trainable * self._memory.width

    @property
    def optimizer(self) -> Size:
        """Bytes of the optimizer's state: so many numbers per trainable one."""
        return self._trainable * OPTIMIZERS[self._memory.optimizer] * self._memory.width

    @property
    def inputs(self) -> Size:
        """Bytes of the inputs."""
        return self._memory.inputs

    @cached_property
    def saved(self) -> Size:
        """Bytes that autograd keeps besides inputs and weights; each memory once."""
        return total(self.saved_by(node.name) or 0 for node in self._memory.graph.nodes)

    @property
    def at_least(self) -> bool:
        """Whether some layer's share is not known, so that `saved` and the peak are lower bounds."""
        return any(kept is None for kept in self._run.kept.values())

    def kept_by(self, name: str) -> tuple[KeptTensor, ...] | None:
        """What a node is the first to keep, inputs of the network included; None where that is not known."""
        return self._run.kept[name]

    def saved_by(self, name: str) -> Size | None:
        """Bytes that a node is the first to keep, inputs of the network left out; None where that is not known."""
        kept = self.kept_by(name)
        if kept is None:
            return None
        inputs = self._memory.graph.inputs
        return total(tensor.load.at(self._memory.batch) for tensor in kept if tensor.what or tensor.name not in inputs)

    @property
    def base(self) -> Size:
        """Bytes that are there throughout: weights, buffers, optimizer state."""
        return self.weights + self.buffers + self.optimizer

    @cached_property
    def loads(self) -> list[Load]:
        """What is alive besides in every step forward and backward."""
        return loads(self._run.spans, self._run.steps)

    @cached_property
    def peak(self) -> Moment:
        """The most bytes alive at once besides the base, and when."""
        names = [node.name for node in self._memory.graph.nodes]
        return self._memory._moment(self._run.spans, peak_of(self.loads, self._memory.batch), names)

    @cached_property
    def bytes(self) -> Size | None:
        """Everything at the peak: base, inputs, activations, gradients."""
        return None if self.peak.bytes is None else self.base + self.peak.bytes


def largest_batch(budget: int, base: Size, alive: Sequence[Load]) -> int:
    """The largest batch for which base + fixed + each·N stays within the budget in every step."""
    most: int | None = None
    for load in dict.fromkeys(alive):
        fixed, each = base + load.fixed, load.each
        if not isinstance(fixed, int) or not isinstance(each, int):
            raise UsageError(f"whether a batch fits depends on {_symbols(fixed, each)}: give the symbols values first")
        if fixed > budget:
            return 0
        if each:
            most = min((budget - fixed) // each, most if most is not None else budget)
    return most or 0


def _symbols(*sizes: Size) -> str:
    found = frozenset[str]().union(*(size.symbols for size in sizes if not isinstance(size, int)))
    return ", ".join(sorted(found))


def _known(what: str, name: str, names: dict[str, int]) -> None:
    if name not in names:
        near = nearest(name, tuple(names))
        hint = f"did you mean '{near}'?" if near else f"choose from {', '.join(names)}"
        raise UsageError(f"unknown {what} '{name}': {hint}")
