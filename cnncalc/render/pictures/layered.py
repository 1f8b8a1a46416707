"""Places boxes in layers, top to bottom, as Sugiyama, Tagawa and Toda (1981) do: ranks by the longest path, an order
within each rank that has few crossings, and places in which edges are straight where they can be.

An edge over several ranks gets a place in each of them, so that boxes make room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnncalc.records import NamedTuple

SWEEPS = 12
GAP = 18.0  # between boxes of a rank
LANE = 10.0  # the width that an edge takes
STRAIGHT = 16.0  # how much more an edge between two boxes, or two places of a lane, counts


class Layout(NamedTuple):
    """Per box its rank and the middle of its place; per edge the middles of the places on its way."""

    ranks: tuple[int, ...]
    middles: tuple[float, ...]
    ways: tuple[tuple[float, ...], ...]  # one per rank between its ends


def place(widths: Sequence[float], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place boxes of these widths; an edge leads from a box to a later one."""
    ranks = _ranks(len(widths), edges)
    sizes, ties = list(widths), list[tuple[int, int]]()
    rank_of, ways = list(ranks), list[list[int]]()
    for source, target in edges:
        before, way = source, list[int]()
        for rank in range(ranks[source] + 1, ranks[target]):
            way.append(len(sizes))
            sizes.append(LANE)
            rank_of.append(rank)
            ties.append((before, way[-1]))
            before = way[-1]
        ties.append((before, target))
        ways.append(way)
    rows = [
        [place for place, rank in enumerate(rank_of) if rank == each] for each in range(max(rank_of, default=0) + 1)
    ]
    above, below = _neighbours(len(sizes), ties)
    _order(rows, above, below)
    middles = _straighten(rows, sizes, above, below)
    return Layout(
        ranks,
        tuple(middles[: len(widths)]),
        tuple(tuple(middles[each] for each in way) for way in ways),
    )


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The longest path to each box; boxes come after those that they follow."""
    ranks = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        ranks[target] = max(ranks[target], ranks[source] + 1)
    return tuple(ranks)


def _neighbours(count: int, ties: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in ties:
        above[target].append(source)
        below[source].append(target)
    return above, below


def _order(rows: list[list[int]], above: list[list[int]], below: list[list[int]]) -> None:
    """Sort every row by the mean place of its neighbours in the row before, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        sequence = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for number in sequence:
            places = {each: place for place, each in enumerate(rows[number - 1 if down else number + 1])}
            own = {each: place for place, each in enumerate(rows[number])}
            rows[number].sort(key=_mean_place(above if down else below, places, own))


def _mean_place(
    near: list[list[int]], places: dict[int, int], own: dict[int, int]
) -> Callable[[int], tuple[float, int]]:
    def key(each: int) -> tuple[float, int]:
        known = [places[other] for other in near[each]]
        return (sum(known) / len(known) if known else own[each], own[each])

    return key


def _straighten(
    rows: list[list[int]], sizes: list[float], above: list[list[int]], below: list[list[int]]
) -> list[float]:
    """Move every box towards the mean of its neighbours, as far as its row has room."""
    middles = [0.0] * len(sizes)
    for row in rows:
        left = 0.0
        for each in row:
            middles[each] = left + sizes[each] / 2
            left += sizes[each] + GAP
    widest = max((_end(row, middles, sizes) for row in rows), default=0.0)
    for row in rows:
        shift = (widest - _end(row, middles, sizes)) / 2
        for each in row:
            middles[each] += shift
    for sweep in range(4 * SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wanted = [_wanted(each, above[each] if down else below[each], middles, sizes) for each in row]
            _settle(row, wanted, middles, sizes)
    first = min((middles[each] - sizes[each] / 2 for row in rows for each in row), default=0.0)
    return [middle - first for middle in middles]


def _end(row: list[int], middles: list[float], sizes: list[float]) -> float:
    return middles[row[-1]] + sizes[row[-1]] / 2 if row else 0.0


def _wanted(each: int, near: list[int], middles: list[float], sizes: list[float]) -> float:
    """The mean place of its neighbours; an edge bends best where it leaves a box for a lane."""
    if not near:
        return middles[each]
    weights = [STRAIGHT if (sizes[each] > LANE) == (sizes[other] > LANE) else 1.0 for other in near]
    return sum(weight * middles[other] for weight, other in zip(weights, near, strict=True)) / sum(weights)


def _settle(row: list[int], wanted: list[float], middles: list[float], sizes: list[float]) -> None:
    """Give a row the places nearest to those wanted that keep its order and do not overlap (least squares)."""
    pools: list[tuple[float, float, list[tuple[int, float]]]] = []  # sum of wanted starts, count, members with offsets
    for each, want in zip(row, wanted, strict=True):
        pool = (want, 1.0, [(each, 0.0)])
        while pools and pools[-1][0] / pools[-1][1] + _reach(pools[-1], each_size := sizes[pool[2][0][0]], sizes) > (
            pool[0] / pool[1]
        ):
            total, number, members = pools.pop()
            offset = _reach((total, number, members), each_size, sizes)
            moved = [(member, away + offset) for member, away in pool[2]]
            pool = (total + pool[0] - offset * pool[1], number + pool[1], members + moved)
        pools.append(pool)
    for total, number, members in pools:
        for member, away in members:
            middles[member] = total / number + away


def _reach(pool: tuple[float, float, list[tuple[int, float]]], size: float, sizes: list[float]) -> float:
    """From the first middle of a pool to that of a box of this size right of it."""
    last, away = pool[2][-1]
    return away + sizes[last] / 2 + GAP + size / 2
