"""The same graph on a smaller input, where its own would take a processor long."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt
from typing import Any

from cnncalc.analysis.cost import macs_of
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.quantities.sizes import numel

WRITING = 100  # a number that is written takes a processor about as long as so many MACs
BELOW = 32  # so many rows fewer are tried where a network does not take any size


def smaller(graph: Graph, most: int) -> tuple[Graph, tuple[str, ...]]:
    """A graph of at most about so much work, and what is to be said of it; the same one where none is accepted.

    Raises:
        UsageError: a size is symbolic still.
    """
    require_numbers(graph)
    counts: list[Any] = [(macs_of(node) or 0) + WRITING * numel(node.output) for node in graph.nodes]
    work = sum(counts)
    if work <= most:
        return graph, ()
    own: dict[str, Any] = dict(graph.inputs)
    longest = max((size for shape in own.values() for size in shape[1:]), default=1)
    for size in _sizes(isqrt(longest * longest * most // work), longest):
        shapes = {n: (shape[0], *(max(1, s * size // longest) for s in shape[1:])) for n, shape in own.items()}
        try:
            found = replay(graph, shapes)
        except CnncalcError:
            continue
        return found, (f"run on a smaller input, {_text(shapes)} instead of {_text(own)}: override with --input",)
    return graph, ()


def _sizes(wanted: int, longest: int) -> Iterator[int]:
    yield from range(wanted, max(wanted - BELOW, wanted // 2), -1)
    yield from range(wanted + 1, longest)


def _text(shapes: dict[str, Any]) -> str:
    return " and ".join("×".join(map(str, shape)) for shape in shapes.values())
