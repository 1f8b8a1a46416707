"""The network as everything below speaks about it: nodes in the order of execution, with a shape on every edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cnncalc.errors import Span, UsageError
from cnncalc.layers.layer import Layer, Shape, Weights
from cnncalc.records import EMPTY, NamedTuple, Record
from cnncalc.symbolic import Relation

Written = Literal["module", "functional", "operator", "shared"]
"""How a model's source has a layer: as a module of its own; as a function of `torch` or `F`; as an operator or method
(`+`, `x.mean()`); as one module that its block calls several times."""


class Node(NamedTuple):
    """One layer in its place. `inputs` are names of nodes or of network inputs; `shapes` are what they bring."""

    name: str  # dotted, as a state_dict reads: layer1.0.conv2
    layer: Layer
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    output: Shape
    weights: Weights
    buffers: Weights
    shares: str | None = None  # the node whose weights and buffers this one uses
    frozen: bool = False
    training: bool = False  # in a training head: no part in inference
    span: Span | None = None

    @property
    def kind(self) -> str:
        """The kind of its layer."""
        return self.layer.kind

    @property
    def tensors(self) -> dict[str, Shape]:
        """All that it makes, with its shape: its output under its own name, further outputs under theirs behind it."""
        further = self.layer.further(self.shapes, self.output)
        return {self.name: self.output, **{f"{self.name}.{name}": shape for name, shape in further.items()}}


class Condition(NamedTuple):
    """Something that holds for some values of the symbols only, and the node that needs it."""

    relation: Relation
    why: str
    node: str
    reason: Literal["valid", "merge"] = "valid"


class Instance(NamedTuple):
    """A block in one place: its name, and what its parameters are there."""

    block: str
    arguments: Mapping[str, object]


class Graph(Record):
    """A network with everything expanded."""

    name: str
    variant: str | None
    inputs: Mapping[str, Shape]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str]  # output name → node or input
    params: Mapping[str, object]
    conditions: tuple[Condition, ...] = ()
    written: Mapping[str, Written] = EMPTY  # kind → how the source has it, where it is said
    instances: Mapping[str, Instance] = EMPTY  # dotted name → the block that stands there
    sized: bool = False  # whether arguments of layers are computed from the sizes of maps

    def shape(self, name: str) -> Shape:
        """The shape of a node's output or of a network input; for many look-ups build a table of your own.

        Raises:
            KeyError: no such tensor.
        """
        if name in self.inputs:
            return self.inputs[name]
        for node in self.nodes:
            if node.name == name:
                return node.output
        raise KeyError(name)

    def training_heads(self) -> dict[str, str]:
        """Training head → the tensor that leaves it: the last of the nodes under its name."""
        return {node.name.split(".")[0]: node.name for node in self.nodes if node.training}


def require_known(graph: Graph) -> None:
    """Refuse a graph with an operation that no layer describes: it cannot be built.

    Raises:
        UsageError: it has one, which the message names.
    """
    unknown = [node for node in graph.nodes if node.kind == "unknown"]
    if unknown:
        layer: Any = unknown[0].layer
        more = f" (and {len(unknown) - 1:,} more)" if unknown[1:] else ""
        raise UsageError(f"{unknown[0].name}: cannot be built: the operation {layer.op} is unknown{more}")
