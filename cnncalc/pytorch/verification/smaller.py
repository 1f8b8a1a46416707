"""Replay a graph on a smaller input if its own would take long on a CPU."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt
from typing import Any

from cnncalc.analysis.cost import macs_of
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.quantities.sizes import numel, or_zero

MACS_PER_ELEMENT = 100  # writing an element takes a CPU about as long as this many MACs
TRIED_BELOW = 32  # how many smaller sizes to try if the network does not accept any size


def smaller(graph: Graph, limit: int) -> tuple[Graph, tuple[str, ...]]:
    """Return the graph on an input small enough for about `limit` MACs, and notes; the same graph if none is valid.

    Raises:
        UsageError: a size is still symbolic.
    """
    require_numbers(graph)
    counts: list[Any] = [or_zero(macs_of(node)) + MACS_PER_ELEMENT * numel(node.output) for node in graph.nodes]
    work = sum(counts)
    if work <= limit:
        return graph, ()
    own: dict[str, Any] = dict(graph.inputs)
    longest = max((size for shape in own.values() for size in shape[1:]), default=1)
    for size in _sizes(isqrt(longest * longest * limit // work), longest):
        shapes = {n: (shape[0], *(max(1, s * size // longest) for s in shape[1:])) for n, shape in own.items()}
        try:
            shrunk = replay(graph, shapes)
        except CnncalcError:
            continue
        return shrunk, (
            f"run on a smaller input, {_format_shapes(shapes)} instead of {_format_shapes(own)}: override with --input",
        )
    return graph, ()


def _sizes(wanted: int, longest: int) -> Iterator[int]:
    yield from range(wanted, max(wanted - TRIED_BELOW, wanted // 2), -1)
    yield from range(wanted + 1, longest)


def _format_shapes(shapes: dict[str, Any]) -> str:
    return " and ".join("×".join(map(str, shape)) for shape in shapes.values())
