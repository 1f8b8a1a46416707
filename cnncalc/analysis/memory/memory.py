"""Computes memory (docs/formulas.md): bytes of weights, buffers, activations, and the peaks of inference and training.

Weights and buffers stay; activations are temporary. An activation is a tensor with memory of its own; views and results
computed in place have none. Peaks count tensors, but not workspaces of operations (convolution workspaces, padded
copies) or rounding by the allocator. Sizes are in bytes; KiB and MiB are 1024-based.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from cnncalc import records
from cnncalc.analysis.folding import folded_batchnorms
from cnncalc.analysis.memory.liveness import Load, Span, loads_per_step, spans_of
from cnncalc.analysis.memory.moment import Moment, largest_batch, moment_of
from cnncalc.analysis.memory.storage import Storages, find_storages
from cnncalc.analysis.memory.training import OPTIMIZERS, Training, buffer_bytes, weight_bytes
from cnncalc.analysis.parameters import total
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.quantities.dtypes import FLOATING, WIDTHS, read_dtype
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.suggest import with_suggestion
from cnncalc.symbolic import Expr, Size


class Activation(NamedTuple):
    """The memory of a layer's output: its bytes, 0 if it lies in the memory of another tensor, `memory_of`."""

    name: str
    bytes: Size
    memory_of: str | None


@dataclass(frozen=True)
class Memory:
    """The memory of a graph; every figure is computed on first use."""

    graph: Graph
    batch: Size = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    fold_batchnorm: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", read_dtype(self.dtype))
        if self.optimizer not in OPTIMIZERS:
            choices = f"choose from {', '.join(OPTIMIZERS)}"
            unknown = f"unknown optimizer '{self.optimizer}'"
            raise UsageError(with_suggestion(unknown, self.optimizer, OPTIMIZERS, choices))
        sizes = [size for shape in self.graph.inputs.values() for size in shape if isinstance(size, Expr)]
        if isinstance(self.batch, Expr) and any(self.batch.symbols & size.symbols for size in sizes):
            raise UsageError(f"batch {self.batch} is also a symbol of the input: choose another letter")

    @property
    def width(self) -> int:
        """Bytes per element."""
        return WIDTHS[self.dtype]

    @cached_property
    def folded(self) -> frozenset[str]:
        """The batch normalizations that are folded into the previous layer."""
        return folded_batchnorms(self.graph) if self.fold_batchnorm else frozenset()

    @property
    def at_least(self) -> bool:
        """Whether the weights of some layer are unknown, so that their bytes are a lower bound."""
        return any(not node.layer.weights_known for node in self._own)

    @cached_property
    def weights(self) -> Size:
        """Bytes of the parameters that inference needs."""
        return weight_bytes(self._own, self.width) + total(self._folded_biases()) * self.width

    @cached_property
    def buffers(self) -> Size:
        """Bytes of the buffers that inference needs."""
        return buffer_bytes(self._own, self.width)

    @cached_property
    def inputs(self) -> Size:
        """Bytes of the inputs, which the caller holds."""
        return total(numel(shape) for shape in self.graph.inputs.values()) * self.width * self.batch

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """The memory of every layer's output at inference (for a training head, in training), in execution order."""
        run, all_of = self._storages, find_storages(self.graph.inputs, self.graph.nodes, training=True)
        return tuple(self._activation(node.name, all_of if node.training else run) for node in self.graph.nodes)

    @cached_property
    def activation_bytes(self) -> Size:
        """Bytes of all activations of inference together."""
        heads = {node.name for node in self.graph.nodes if node.training}
        return total(activation.bytes for activation in self.activations if activation.name not in heads)

    @cached_property
    def peak(self) -> Moment:
        """The peak of inputs and activations at inference."""
        return moment_of(*self._inference_spans, [node.name for node in self._inference], self.batch)

    @property
    def spans(self) -> list[Span]:
        """What is alive at inference from which step to which: inputs and activations."""
        return self._inference_spans[0]

    @cached_property
    def inference_bytes(self) -> Size | None:
        """The sum of weights, buffers and the peak, in bytes; None if the peak depends on symbols."""
        return None if self.peak.bytes is None else self.weights + self.buffers + self.peak.bytes

    @cached_property
    def training(self) -> Training:
        """The memory of a training step.

        Raises:
            UsageError: the dtype is not floating-point.
        """
        if self.dtype not in FLOATING:
            raise UsageError(f"training needs a floating-point dtype ({', '.join(FLOATING)}), not {self.dtype}")
        return Training(self.graph, self.width, self.batch, self.optimizer)

    @cached_property
    def unfused(self) -> Memory | None:
        """The memory without fused kernels of attention; None if none is used.

        Training then keeps the softmax of all scores. At inference they live within the layer, and are not counted.
        """
        separate = {node.name: layer for node in self.graph.nodes if (layer := node.layer.unfused())}
        if not separate:
            return None
        nodes = tuple(node._replace(layer=separate.get(node.name, node.layer)) for node in self.graph.nodes)
        memory = replace(self, graph=records.replace(self.graph, nodes=nodes))
        return None if memory.training.saved == self.training.saved else memory

    def fits(self, budget: int, training: bool = False) -> int:
        """The largest batch for which inference (or a training step) fits the budget in bytes; 0 if none does.

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

    @property
    def _own(self) -> list[Node]:
        """The inference nodes that keep parameters and buffers of their own."""
        return [node for node in self._inference if node.name not in self.folded]

    @cached_property
    def _storages(self) -> Storages:
        return find_storages(self.graph.inputs, self._inference, skipped=self.folded)

    @cached_property
    def _inference_spans(self) -> tuple[list[Span], list[Load]]:
        nodes = self._inference
        spans = spans_of(self.graph.inputs, nodes, self.graph.outputs.values(), self._storages, self.width)
        return spans, loads_per_step(spans, len(nodes))

    def _activation(self, name: str, storages: Storages) -> Activation:
        owner = storages.owner[name]
        own = owner == name
        return Activation(name, storages.numbers[name] * self.width * self.batch if own else 0, None if own else owner)

    def _folded_biases(self) -> list[Size]:
        """The sizes of the biases that folding adds to layers without one."""
        by_name = {node.name: node for node in self.graph.nodes}
        before = [by_name[by_name[name].inputs[0]] for name in self.folded]
        return [node.output[0] for node in before if "bias" not in node.weights]
