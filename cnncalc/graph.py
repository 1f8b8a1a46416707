"""The expanded network that every analysis reads: nodes in execution order, with a shape on every edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cnncalc.errors import Span, UsageError
from cnncalc.layers.layer import Layer, Shape, Weights
from cnncalc.records import EMPTY, NamedTuple, Record
from cnncalc.symbolic import Expr, Relation

Written = Literal["module", "functional", "operator", "shared"]
"""How a model's source code writes a layer: as a module of its own; as a function of `torch` or `F`; as an operator or
method (`+`, `x.mean()`); as one module that its block calls several times."""


class Manner(NamedTuple):
    """How a layer is written, and more about the module where tools ask for it."""

    way: Written
    derived: str = ""  # the module's class, where it is derived from PyTorch's: LayerNorm2d
    module: str = ""  # which module of its block is shared, where it shares several of one kind
    by: str = ""  # the functions that it is called by, where they are not those of its kind: bmm; matmul softmax


class Node(NamedTuple):
    """One layer. `inputs` names nodes or network inputs; `shapes` are their shapes, without the batch."""

    name: str  # dotted, like a key of a state_dict: layer1.0.conv2
    layer: Layer
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    output: Shape
    weights: Weights
    buffers: Weights
    shares: str | None = None  # the node whose weights and buffers this one uses
    frozen: bool = False
    training: bool = False  # in a training head, so not part of inference
    written: Manner | None = None  # where the item says how it is written
    span: Span | None = None

    @property
    def kind(self) -> str:
        """The kind of the layer, such as `conv`."""
        return self.layer.kind

    @property
    def tensors(self) -> dict[str, Shape]:
        """Tensor name → shape: the output under the node's name, further outputs under `<node>.<output>`."""
        further = self.layer.further(self.shapes, self.output)
        return {self.name: self.output, **{f"{self.name}.{name}": shape for name, shape in further.items()}}


class Condition(NamedTuple):
    """A relation that holds only for some values of the symbols, and the node that requires it."""

    relation: Relation
    why: str
    node: str
    reason: Literal["valid", "merge"] = "valid"


class Instance(NamedTuple):
    """One use of a block: the block's name, the values of its parameters, and the place of the call."""

    block: str
    arguments: Mapping[str, object]
    span: Span | None = None


class LeftOut(NamedTuple):
    """How much of a spec its conditions (`when`) leave out: single layers, blocks and groups of layers, whole paths."""

    layers: int = 0
    blocks: int = 0
    paths: int = 0


class Iteration(NamedTuple):
    """One turn of a repeated item without a name: its first and last layer, as named from the level around it."""

    first: str
    last: str

    def last_after(self, full: str) -> str:
        """The full name of the last layer, given that of the first."""
        return full[: len(full) - len(self.first)] + self.last


class Graph(Record):
    """A network with all blocks and repeats expanded."""

    name: str
    variant: str | None
    inputs: Mapping[str, Shape]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str]  # output name → node or input
    params: Mapping[str, object]
    conditions: tuple[Condition, ...] = ()
    written: Mapping[str, Manner] = EMPTY  # kind → how the source code writes it, if known
    instances: Mapping[str, Instance] = EMPTY  # dotted name → the block instance of that name
    sized: bool = False  # whether a layer argument depends on spatial sizes
    left_out: LeftOut = LeftOut()
    turns: tuple[tuple[str, str], ...] = ()  # first and last layer of each turn of what repeats without a name

    def __repr__(self) -> str:
        return f"<Graph of {self.name}{f'@{self.variant}' if self.variant else ''}: {len(self.nodes):,} nodes>"

    def shape(self, name: str) -> Shape:
        """The shape of a node's output or of a network input. For many look-ups, build a dict instead.

        Raises:
            KeyError: no such tensor.
        """
        if name in self.inputs:
            return self.inputs[name]
        for node in self.nodes:
            if node.name == name:
                return node.output
        raise KeyError(name)

    def output_shapes(self) -> dict[str, Shape]:
        """Output name → shape."""
        shapes = {**self.inputs, **{node.name: node.output for node in self.nodes}}
        return {name: shapes[tensor] for name, tensor in self.outputs.items()}

    def training_heads(self) -> dict[str, str]:
        """Training head → its output tensor: the last node under its name."""
        return {node.name.split(".")[0]: node.name for node in self.nodes if node.training}


def symbols_of(node: Node) -> frozenset[str]:
    """The symbols that the output or the arguments of a layer depend on."""
    return _symbols((node.output, *(getattr(node.layer, name) for name in node.layer.arguments)))


def list_symbols(graph: Graph) -> tuple[str, ...]:
    """The symbols that a graph depends on, sorted."""
    return tuple(sorted(_symbols((*graph.inputs.values(),)).union(*map(symbols_of, graph.nodes))))


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_symbols, value))
    return value.symbols if isinstance(value, Expr) else frozenset()


def unknown_nodes(graph: Graph) -> tuple[Node, ...]:
    """The nodes whose operation has no descriptor."""
    return tuple(node for node in graph.nodes if node.kind == "unknown")


def list_unknown(graph: Graph) -> tuple[str, ...]:
    """The unknown operations as text: `head.unknown1 (roi_align)`."""
    nodes: Any = unknown_nodes(graph)
    return tuple(f"{node.name} ({node.layer.op})" for node in nodes)


def require_known(graph: Graph, purpose: str) -> None:
    """Reject a graph that contains an operation without a descriptor, for a purpose that needs all of them.

    Raises:
        UsageError: the graph contains an unknown operation, which the message names.
    """
    names = list_unknown(graph)
    if names:
        more = f" and {len(names) - 1:,} more" if names[1:] else ""
        raise UsageError(f"{graph.name} cannot be {purpose}: unknown operations: {names[0]}{more}")
