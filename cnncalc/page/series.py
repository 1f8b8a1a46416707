"""Whether a graph fits on a spine with lanes: chains, skips around anything, and branches that hold no branches.

`place.js` draws such graphs without an edge across a box; others may need a library for layouts.
"""

from __future__ import annotations

from collections.abc import Sequence

_SKIP, _CHAIN, _BRANCH, _HOLDS_BRANCH = range(
    4
)  # what stands for an edge: nothing, nodes in a row, ways side by side, …


def fits_in_lanes(sources: Sequence[Sequence[int]]) -> bool:
    """Whether a graph is two-terminal series-parallel, and no branch of it holds another.

    Edges in series and in parallel become one until none are left: the graph, between one source before all nodes and
    one sink after them, is series-parallel if a single edge then leads from source to sink (Valdes, Tarjan and Lawler,
    "The Recognition of Series Parallel Digraphs", 1982). The time is linear in the number of edges.

    Args:
        sources: per node, the nodes that it reads.
    """
    count = len(sources)
    before: list[dict[int, int]] = [dict.fromkeys(set(read) or {count}, _SKIP) for read in sources] + [{}, {}]
    after: list[set[int]] = [set() for _ in before]
    for node, read in enumerate(before):
        for source in read:
            after[source].add(node)
    for node in range(count):
        if not after[node]:
            after[node].add(count + 1)
            before[count + 1][node] = _SKIP
    left, waiting = count, list(range(count))
    while waiting:
        node = waiting.pop()
        if len(before[node]) != 1 or len(after[node]) != 1:
            continue
        ((source, way),), reader = before[node].items(), after[node].pop()
        way = _in_series(way, before[reader].pop(node))
        other = before[reader].get(source)
        joined = way if other is None else _in_parallel(way, other)
        if joined is None:
            return False
        before[reader][source] = joined
        before[node] = {}
        after[source].remove(node)
        after[source].add(reader)
        left -= 1
        waiting += (each for each in (source, reader) if each < count)
    return left == 0


def _in_series(first: int, second: int) -> int:
    return _HOLDS_BRANCH if max(first, second) >= _BRANCH else _CHAIN


def _in_parallel(one: int, other: int) -> int | None:
    """What two ways between the same nodes are; None if a branch would hold a branch."""
    if _SKIP in (one, other):
        return max(one, other)
    return None if max(one, other) == _HOLDS_BRANCH or one == other == _BRANCH else _BRANCH
