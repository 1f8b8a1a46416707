"""What a network needs to be exported: sizes that are all numbers."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, list_symbols


def require_numbers(graph: Graph) -> None:
    """Raise UsageError if a size of the graph depends on a symbol."""
    if names := list_symbols(graph):
        at = ",".join(f"{name}=224" for name in names)
        raise UsageError(f"{graph.name}: give the symbols values ({', '.join(names)}): --input 3x224x224 or --at {at}")
