"""How the source of a network writes its layers: as a spec says, or as is usual where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from cnncalc.conventions.rules import kinds_of
from cnncalc.graph import Graph, Manner, Written

FUNCTION = Manner("functional")
MODULES = ("module", "shared")
JOINS = (
    *("add", "subtract", "multiply", "divide", "matmul", "mean", "parameter", "constant"),
    *("sum", "max", "var", "std", "cumsum", "rescale", "roll"),
    *("concat", "reshape", "permute", "crop", "slice", "take"),
)


class Named(Protocol):
    """A layer of a graph, or of a network that is imported."""

    @property
    def name(self) -> str:
        """Its name, by which others read it."""

    @property
    def kind(self) -> str:
        """The kind of layer."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what it reads."""


Layers = TypeVar("Layers", bound=Named)


def usual_way(kind: str) -> Written:
    """How a layer is written unless the spec says otherwise: as an operator if PyTorch has no module for it."""
    return "operator" if kind in JOINS else "functional" if kind == "attention" else "module"


def manners_of(graph: Graph) -> dict[str, Manner]:
    """How each layer is written: as its item says, else by what it belongs to, as the spec says of its kind, as usual.

    `nn.Upsample` lacks antialiasing, and the linear layers of `nn.MultiheadAttention` are functions.
    """
    manners = {
        node.name: FUNCTION
        if getattr(node.layer, "antialias", False)
        else node.written or graph.written.get(node.kind) or Manner(usual_way(node.kind))
        for node in graph.nodes
    }
    own = projections(graph.nodes, manners)
    return {**manners, **{node.name: FUNCTION for node in graph.nodes if node.name in own and node.written is None}}


def projections(layers: Sequence[Layers], manners: Mapping[str, Manner]) -> set[str]:
    """The linear layers that lead to an attention which is a module, and those that follow it.

    They are its own: `nn.MultiheadAttention` projects its queries, keys and values, and the result.
    """
    heads = {each.name for each in layers if each.kind == "attention" and _is_module(manners.get(each.name))}
    if not heads:
        return set()
    moves = {*kinds_of("MOVES")}
    found: set[str] = set()
    left = set(heads)  # what leaves an attention, as it is moved on
    for layer in layers:
        if layer.kind == "linear" and layer.inputs[0] in left:
            found.add(layer.name)
        elif layer.kind in moves and layer.inputs[0] in left:
            left.add(layer.name)
    entering: set[str] = set()
    for layer in reversed(layers):
        if layer.name in heads or (layer.kind in moves and layer.name in entering):
            entering.update(layer.inputs)
        elif layer.kind == "linear" and layer.name in entering:
            found.add(layer.name)
    return found


def _is_module(manner: Manner | None) -> bool:
    return manner is not None and manner.way in MODULES
