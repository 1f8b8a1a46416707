"""Aligns the layers of two networks: equal ends first, then the cheapest alignment of what lies between.

The nodes are aligned in execution order, with as few runs of unpaired layers as possible, so that an insertion or a
renaming does not shift everything else. A run that fits in several places is put where it preserves most of the wiring
(`sliding`). Unpaired layers on both sides are then paired across the order if they clearly are one layer that moved.
The time is roughly linear: a gap that is too long to align as a whole is split at tokens that occur once on both sides;
if there are none, it is aligned within a corridor (a band around the diagonal).
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.differences.anchors import (
    Gap,
    Key,
    Pair,
    between,
    by_chosen_name,
    by_content,
    by_graph,
    by_name,
    by_surroundings,
    equal_ends,
    once,
    unique_in_both,
)
from cnncalc.differences.likeness import BEYOND, GAP, OPENED, Costs, Token, Tokens
from cnncalc.differences.sliding import side, slide_runs
from cnncalc.graph import Graph

MOST_AT_ONCE = 400_000  # comparisons within one gap
MOST_IN_ALL = 4_000_000
NARROWEST = 8  # half-width of a corridor, in layers
CUTS: tuple[Key, ...] = (by_surroundings(8), by_surroundings(3), by_graph, by_name, by_surroundings(1), by_content)
MATCH, REMOVE, INSERT, REMOVING, INSERTING = 0, 1, 2, 4, 8  # the last two are flags: the previous move was one too


def align(one: Graph, other: Graph) -> list[Pair]:
    """The pairs of indices into `nodes` of the layers that correspond, in the order of the first graph."""
    numbers = Tokens()
    mine, its = numbers.of(one), numbers.of(other)
    pairs, gap = equal_ends(mine, its, Gap(0, len(mine), 0, len(its)), by_name)
    pairs += _Aligner(mine, its).gap(gap)
    pairs = slide_runs(side(one, mine), side(other, its), pairs)
    pairs += _pair_moved(mine, its, pairs)
    return sorted(pairs)


class _Aligner:
    """Aligns gaps within a budget of comparisons."""

    def __init__(self, one: Sequence[Token], other: Sequence[Token]) -> None:
        self._one = one
        self._other = other
        self._cost = Costs()
        self._left = MOST_IN_ALL

    def gap(self, gap: Gap) -> list[Pair]:
        """The pairs within a gap."""
        pairs: list[Pair] = []
        waiting = [(gap, 0)]  # gaps, each with the number of `CUTS` tried on it
        while waiting:
            gap, cut = waiting.pop()
            if gap.area == 0:
                continue
            if gap.area <= MOST_AT_ONCE or cut == len(CUTS):
                ends, gap = self._equal_ends(gap)
                pairs += [*ends, *self._cheapest(gap)]
                continue
            anchors = unique_in_both(self._one, self._other, gap, CUTS[cut])
            pairs += anchors
            waiting += [(each, cut + 1) for each in between(anchors, gap)]
        return pairs

    def _equal_ends(self, gap: Gap) -> tuple[list[Pair], Gap]:
        """The equal ends of a gap that is too long to compare names."""
        if gap.area <= MOST_AT_ONCE:
            return [], gap
        return equal_ends(self._one, self._other, gap, by_content)

    def _cheapest(self, gap: Gap) -> list[Pair]:
        """The alignment of least cost (Gotoh 1982), within a corridor as wide as the budget allows."""
        rows, width = gap.stop - gap.start, gap.other_stop - gap.other_start
        if not rows or not width:
            return []
        reach = self._reach(rows, width)
        costs = [0, *(OPENED + place * GAP for place in range(1, width + 1))]
        removing = [BEYOND] * (width + 1)  # costs of alignments that end with a removal
        moves: list[tuple[int, bytearray]] = []
        reached = width  # the last column with a cost from the previous row
        for row, token in enumerate(self._one[gap.start : gap.stop]):
            middle = row * width // rows
            start, stop = max(0, middle - reach), min(width, middle + reach + 1)
            costs[reached + 1 : stop + 1] = [BEYOND] * (stop - reached)
            reached = stop
            moves.append((start, self._row(token, gap.other_start, start, stop, costs, removing)))
        return _trace_back(moves, gap)

    def _reach(self, rows: int, width: int) -> int:
        """The half-width of the corridor for a gap of this size, limited by the budget."""
        whole = rows * width <= min(MOST_AT_ONCE, self._left)
        reach = width if whole else max(NARROWEST, width // rows + 1, self._left // (4 * rows))
        self._left -= min(self._left, rows * min(width, 2 * reach))
        return reach

    def _row(self, token: Token, base: int, start: int, stop: int, costs: list[int], removing: list[int]) -> bytearray:
        """The best moves for one layer against columns `start` to `stop`; updates both cost lists in place."""
        cost, other = self._cost, self._other
        diagonal, inserting = costs[start], BEYOND
        removing[0] = min(removing[0], diagonal + OPENED) + GAP if start == 0 else BEYOND
        costs[start] = left = removing[0]
        moves = bytearray(stop - start)
        for place in range(start, stop):
            above = costs[place + 1]
            removed, going = removing[place + 1], REMOVING
            if above + OPENED <= removed:
                removed, going = above + OPENED, 0
            removing[place + 1] = removed = removed + GAP
            inserting += GAP
            if left + OPENED + GAP <= inserting:
                inserting = left + OPENED + GAP
            else:
                going |= INSERTING
            best, move = diagonal + cost(token, other[base + place]), MATCH
            if removed < best:
                best, move = removed, REMOVE
            if inserting < best:
                best, move = inserting, INSERT
            costs[place + 1] = left = best
            moves[place - start] = move | going
            diagonal = above
        return moves


def _trace_back(moves: Sequence[tuple[int, bytearray]], gap: Gap) -> list[Pair]:
    """The pairs along the path of best moves, traced back from the end."""
    place, other = gap.stop - gap.start, gap.other_stop - gap.other_start
    pairs = []
    within = MATCH  # the kind of run being traced, or MATCH
    while place and other:
        start, row = moves[place - 1]
        step = row[other - 1 - start]
        move = within or step & (REMOVE | INSERT)
        if move == MATCH:
            place, other = place - 1, other - 1
            pairs.append((gap.start + place, gap.other_start + other))
        elif move == REMOVE:
            place, within = place - 1, REMOVE if step & REMOVING else MATCH
        else:
            other, within = other - 1, INSERT if step & INSERTING else MATCH
    return pairs


def _pair_moved(one: Sequence[Token], other: Sequence[Token], pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs of unpaired layers that clearly are one layer in another place: same chosen name, or same neighbours."""
    taken, others = {place for place, _ in pairs}, {place for _, place in pairs}
    moved: list[Pair] = []
    for key in (by_chosen_name, by_graph):
        mine = once(one, (place for place in range(len(one)) if place not in taken), key)
        its = once(other, (place for place in range(len(other)) if place not in others), key)
        both = [(place, its[each]) for each, place in mine.items() if each in its]
        moved += both
        taken.update(place for place, _ in both)
        others.update(place for _, place in both)
    return moved
