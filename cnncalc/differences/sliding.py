"""Places each run of inserted layers where it preserves most of the wiring.

Inserting `conv, relu` before another `conv, relu` is indistinguishable from inserting it after, or anywhere between
(the sliders of textual diffs). But if a residual forks there, its far end should keep reading the same layers. The time
is linear: each edge is preserved on only a few ranges of places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import and_, eq

from cnncalc.differences.anchors import Pair
from cnncalc.differences.likeness import SLIGHT, Costs, Token
from cnncalc.graph import Graph
from cnncalc.records import NamedTuple

INPUT, NONE = -1, -2  # a network input; no layer


class Side(NamedTuple):
    """One network, indexed by position in execution order."""

    tokens: Sequence[Token]
    blocks: Sequence[Sequence[str]]  # enclosing blocks of every layer, outermost first
    sources: Sequence[Sequence[int]]
    readers: Sequence[Sequence[int]]  # the last entry is for the network inputs


def side(graph: Graph, tokens: Sequence[Token]) -> Side:
    """The indexed form of a graph."""
    places = {node.name: place for place, node in enumerate(graph.nodes)}
    sources = [[places.get(name, INPUT) for name in node.inputs] for node in graph.nodes]
    readers: list[list[int]] = [[] for _ in range(len(graph.nodes) + 1)]
    for place, inputs in enumerate(sources):
        for source in inputs:
            readers[source].append(place)
    return Side(tokens, [node.name.split(".")[:-1] for node in graph.nodes], sources, readers)


def slide_runs(one: Side, other: Side, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with every run of inserted and of removed layers in its best place.

    The pairs must increase on both sides.
    """
    for sides in ((one, other), (other, one)):
        pairs = _Slides(*sides, pairs).slide_runs()  # each call swaps the sides
    return list(pairs)


class _Run(NamedTuple):
    """A run of unpaired layers of the other network, and the range of places in the first where it fits."""

    at: int
    size: int
    low: int
    high: int
    lower: int  # offset to the pair, for layers before the run
    upper: int  # offset to the pair, for layers after the run

    def image(self, place: int, where: int) -> int:
        """The pair of a layer if the run is placed at `where`."""
        return place + (self.lower if place < where else self.upper)


class _Slides:
    """The runs that only the second network has."""

    def __init__(self, one: Side, other: Side, pairs: Sequence[Pair]) -> None:
        self._one, self._other = one, other
        self._cost = Costs()
        self._image = [NONE] * len(one.tokens)
        self._back = [NONE] * len(other.tokens)
        for mine, its in pairs:
            self._image[mine], self._back[its] = its, mine

    def slide_runs(self) -> list[Pair]:
        """The pairs, second network first, with every run in its best place."""
        start = self._next(0)
        while start < len(self._back):
            run = self._run(start, self._next(start, unpaired=False))
            where = run.at
            if run.low < run.high:
                where = min(self._rank_places(run))[-1]
                self._move(run, where)
            end = where + run.upper
            following = self._next(end)
            start = (
                where + run.lower if following == end < len(self._back) else following
            )  # runs that now touch are one run
        return [(its, mine) for its, mine in enumerate(self._back) if mine != NONE]

    def _next(self, place: int, *, unpaired: bool = True) -> int:
        """The next index without a pair (or with one); the length if there is none."""
        ends = range(place, len(self._back))
        return next((each for each in ends if (self._back[each] == NONE) == unpaired), len(self._back))

    def _run(self, start: int, stop: int) -> _Run:
        at = self._back[start - 1] + 1 if start else 0
        size, lower, upper = stop - start, start - at, stop - at
        low = high = at
        while low and self._image[low - 1] == low - 1 + lower and self._fits_either(low - 1, lower, upper):
            low -= 1
        while high < len(self._image) and self._image[high] == high + upper and self._fits_either(high, lower, upper):
            high += 1
        return _Run(at, size, low, high, lower, upper)

    def _fits_either(self, place: int, lower: int, upper: int) -> bool:
        """Whether a layer can be paired with either of the two candidates at about the same cost."""
        one, its = self._one.tokens[place], self._other.tokens
        return abs(self._cost(one, its[place + lower]) - self._cost(one, its[place + upper])) <= SLIGHT

    def _move(self, run: _Run, where: int) -> None:
        first, last = sorted((run.at, where))
        self._back[first + run.lower : last + run.upper] = [NONE] * (last - first + run.size)
        for place in range(first, last):
            self._image[place] = run.image(place, where)
            self._back[self._image[place]] = place

    def _rank_places(self, run: _Run) -> Iterator[tuple[int, ...]]:
        """The places of a run, each preceded by its sort key; ties go to the last place."""
        kept, moved = self._kept_edge_counts(run), self._renamed_counts(run)
        for number, where in enumerate(range(run.low, run.high + 1)):
            start = where + run.lower
            cut = self._shared_blocks(start) + self._shared_blocks(start + run.size)
            yield -kept[number], cut, moved[number], -where, where

    def _shared_blocks(self, place: int) -> int:
        """The number of blocks that contain both a layer and its predecessor."""
        if not 0 < place < len(self._other.blocks):
            return 0
        mine, before = self._other.blocks[place], self._other.blocks[place - 1]
        return sum(accumulate(map(eq, mine, before), and_))

    def _renamed_counts(self, run: _Run) -> list[int]:
        """The number of renamed layers for each place of the run."""
        one, its = self._one.tokens, self._other.tokens
        before = [one[place].name != its[place + run.lower].name for place in range(run.low, run.high)]
        behind = [one[place].name != its[place + run.upper].name for place in range(run.low, run.high)]
        steps = (int(new) - int(old) for new, old in zip(before, behind, strict=True))
        return list(accumulate(steps, initial=sum(behind)))

    def _kept_edge_counts(self, run: _Run) -> list[int]:
        """The number of edges preserved, directly or through the run, for each place of the run."""
        steps = [0] * (run.high - run.low + 2)
        for first, last in self._kept_ranges(run):
            if first <= last:
                steps[first - run.low] += 1
                steps[last + 1 - run.low] -= 1
        return list(accumulate(steps[:-1]))

    def _kept_ranges(self, run: _Run) -> Iterator[tuple[int, int]]:
        """The ranges of places of the run for which an edge is preserved."""
        for reader in self._readers(run):
            for low, high, pair in self._phases(run, reader):
                for source, target in zip(self._one.sources[reader], self._other.sources[pair], strict=False):
                    for first, last, image in self._phases(run, source):
                        least, most = self._between(run, image, target)
                        yield max(first, low, least), min(last, high, most)

    def _between(self, run: _Run, image: int, target: int) -> tuple[int, int]:
        """The range of places for which one tensor is another, or leads to it only through the run.

        That is the case if every layer from its reader on is in the run; with several readers the last one
        counts, since branches are executed one after another.
        """
        if image == target:
            return run.low, run.high
        readers = self._other.readers[image] if image != NONE else ()
        earlier = bisect_right(readers, target)
        return target - run.upper + 1, readers[earlier - 1] - run.lower if earlier else run.low - 1

    def _readers(self, run: _Run) -> set[int]:
        """The layers whose edges depend on the place of the run."""
        mine = range(run.low, run.high)
        readers = {*mine, *(reader for place in mine for reader in self._one.readers[place])}
        its = range(run.low + run.lower, run.high + run.upper)
        readers |= {self._back[reader] for place in its for reader in self._other.readers[place]}
        return {reader for reader in readers if reader != NONE and self._image[reader] != NONE}

    def _phases(self, run: _Run, place: int) -> list[tuple[int, int, int]]:
        """The ranges of places of the run, each with the pair that a tensor then has."""
        if not run.low <= place < run.high:
            return [(run.low, run.high, self._image[place] if place >= 0 else place)]
        return [(place + 1, run.high, place + run.lower), (run.low, place, place + run.upper)]
