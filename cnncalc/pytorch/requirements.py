"""What PyTorch requires of a graph: sizes that are numbers, and names that it does not reserve."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.symbolic import Expr


def require_numbers(graph: Graph) -> None:
    """Raise UsageError if a size of the graph depends on a symbol."""
    if names := symbols(graph):
        are = "is still a symbol: give it a value" if len(names) == 1 else "are still symbols: give them values"
        raise UsageError(f"{graph.name}: {', '.join(names)} {are} first")


def symbols(graph: Graph) -> tuple[str, ...]:
    """Return the symbols that sizes of the graph depend on, sorted."""
    arguments = (getattr(node.layer, name) for node in graph.nodes for name in node.layer.arguments)
    shapes = (*graph.inputs.values(), *(node.output for node in graph.nodes))
    return tuple(sorted(frozenset().union(*map(_symbols, (*shapes, *arguments)))))


def require_name(node: Node) -> None:
    """Raise UsageError for the name `training`, which every `nn.Module` overwrites."""
    if "training" in node.name.split("."):
        raise UsageError(f"{node.name}: PyTorch reserves the name 'training': choose another name")


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_symbols, value))
    return value.symbols if isinstance(value, Expr) else frozenset()
