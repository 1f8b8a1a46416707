"""What PyTorch can bear: sizes that are numbers, and names that it does not keep for itself."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.symbolic import Expr


def require_numbers(graph: Graph) -> None:
    """Refuse a graph whose sizes depend on a symbol."""
    if names := ", ".join(symbols(graph)):
        raise UsageError(f"{graph.name}: {names} still a symbol: give the symbols values first")


def symbols(graph: Graph) -> tuple[str, ...]:
    """The symbols that sizes of a graph still depend on, sorted."""
    arguments = (getattr(node.layer, name) for node in graph.nodes for name in node.layer.arguments)
    shapes = (*graph.inputs.values(), *(node.output for node in graph.nodes))
    return tuple(sorted(frozenset().union(*map(_symbols, (*shapes, *arguments)))))


def require_name(node: Node) -> None:
    """Refuse the one name that a child of an `nn.Module` cannot have: every module writes it over."""
    if "training" in node.name.split("."):
        raise UsageError(f"{node.name}: PyTorch reserves the name 'training': choose another name")


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_symbols, value))
    return value.symbols if isinstance(value, Expr) else frozenset()
