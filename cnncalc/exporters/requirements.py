"""What an exported network must be: one whose sizes are numbers, under names that PyTorch can bear."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.symbolic import Expr


def require_numbers(graph: Graph) -> None:
    """Refuse a graph whose sizes depend on a symbol."""
    found: set[str] = set()
    for value in (*graph.inputs.values(), *(node.output for node in graph.nodes), *_fields(graph)):
        found |= _symbols(value)
    if found:
        names = ", ".join(sorted(found))
        at = ",".join(f"{name}=224" for name in sorted(found))
        raise UsageError(f"{graph.name}: give the symbols numbers ({names}): --input 3x224x224 or --at {at}")


def require_names(graph: Graph) -> None:
    """Refuse the one name that a child of an `nn.Module` cannot have: every module writes it over."""
    for node in graph.nodes:
        if "training" in node.name.split("."):
            raise UsageError(f"{node.name}: PyTorch keeps the name 'training' for itself: choose another")


def _fields(graph: Graph) -> Iterable[object]:
    return (getattr(node.layer, name) for node in graph.nodes for name in node.layer.arguments)


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_symbols, value))
    return value.symbols if isinstance(value, Expr) else frozenset()
