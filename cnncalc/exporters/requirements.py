"""What a network must be to be exported: one whose sizes are numbers."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.pytorch.requirements import symbols


def require_numbers(graph: Graph) -> None:
    """Refuse a graph whose sizes depend on a symbol."""
    if names := symbols(graph):
        at = ",".join(f"{name}=224" for name in names)
        raise UsageError(f"{graph.name}: give the symbols values ({', '.join(names)}): --input 3x224x224 or --at {at}")
