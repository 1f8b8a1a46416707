"""What PyTorch requires of a graph: sizes that are numbers, and names that it does not reserve."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node, list_symbols


def require_numbers(graph: Graph) -> None:
    """Raise UsageError if a size of the graph depends on a symbol."""
    if names := list_symbols(graph):
        are = "is still a symbol: give it a value" if len(names) == 1 else "are still symbols: give them values"
        raise UsageError(f"{graph.name}: {', '.join(names)} {are} first")


def require_name(node: Node) -> None:
    """Raise UsageError for the name `training`, which every `nn.Module` overwrites."""
    if "training" in node.name.split("."):
        raise UsageError(f"{node.name}: PyTorch reserves the name 'training': choose another name")
