"""Of the places where a run of inserted layers stands equally well, the one that leaves most of the wiring as it was.

`conv, relu` inserted before another `conv, relu` reads as inserted behind it just as well, and at every place between
the two (the sliders of textual diffs). But where a residual forks there, its far end reads the same layers as before
from one of these places alone. After the wiring count the blocks that a run cuts in two, and then the ordinals that it
moves. Time is linear: an edge is as it was on a few stretches of places.
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

INPUT, NONE = -1, -2  # of the network; no layer


class Side(NamedTuple):
    """One network, by the places of its layers."""

    tokens: Sequence[Token]
    blocks: Sequence[Sequence[str]]  # around every layer, the outermost first
    sources: Sequence[Sequence[int]]
    readers: Sequence[Sequence[int]]  # the last entry is for the inputs of the network


def side(graph: Graph, tokens: Sequence[Token]) -> Side:
    """A graph by places."""
    places = {node.name: place for place, node in enumerate(graph.nodes)}
    sources = [[places.get(name, INPUT) for name in node.inputs] for node in graph.nodes]
    readers: list[list[int]] = [[] for _ in range(len(graph.nodes) + 1)]
    for place, inputs in enumerate(sources):
        for source in inputs:
            readers[source].append(place)
    return Side(tokens, [node.name.split(".")[:-1] for node in graph.nodes], sources, readers)


def slide_runs(one: Side, other: Side, pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs that rise on both sides, with the runs of layers that came, and that went, in their best places."""
    for sides in ((one, other), (other, one)):
        pairs = _Slides(*sides, pairs).slide_runs()  # with the sides changed
    return list(pairs)


class _Run(NamedTuple):
    """Layers of the other network without a pair, and from where to where, in places of the first, they can stand."""

    at: int
    size: int
    low: int
    high: int
    lower: int  # what leads from the place of a layer before the run to that of its pair
    upper: int  # of a layer behind it

    def image(self, place: int, where: int) -> int:
        """The pair of a layer, with the run somewhere."""
        return place + (self.lower if place < where else self.upper)


class _Slides:
    """The runs that the second network has and the first has not."""

    def __init__(self, one: Side, other: Side, pairs: Sequence[Pair]) -> None:
        self._one, self._other = one, other
        self._cost = Costs()
        self._image = [NONE] * len(one.tokens)
        self._back = [NONE] * len(other.tokens)
        for mine, its in pairs:
            self._image[mine], self._back[its] = its, mine

    def slide_runs(self) -> list[Pair]:
        """The pairs, the second network's places first, once every run stands where it is best."""
        place = 0
        while (start := self._next(place)) < len(self._back):
            place = self._next(start, unpaired=False)
            run = self._run(start, place)
            if run.low < run.high:
                self._move(run, min(self._rank_places(run))[-1])
        return [(its, mine) for its, mine in enumerate(self._back) if mine != NONE]

    def _next(self, place: int, *, unpaired: bool = True) -> int:
        """The next place with a pair, or without; behind the last where there is none."""
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
        """Whether it is all one which of two layers this one is."""
        one, its = self._one.tokens[place], self._other.tokens
        return abs(self._cost(one, its[place + lower]) - self._cost(one, its[place + upper])) <= SLIGHT

    def _move(self, run: _Run, where: int) -> None:
        first, last = sorted((run.at, where))
        self._back[first + run.lower : last + run.upper] = [NONE] * (last - first + run.size)
        for place in range(first, last):
            self._image[place] = run.image(place, where)
            self._back[self._image[place]] = place

    def _rank_places(self, run: _Run) -> Iterator[tuple[int, ...]]:
        """The places of a run, each behind what speaks against it; of equals the last one is best."""
        kept, moved = self._kept_edge_counts(run), self._renamed_counts(run)
        for number, where in enumerate(range(run.low, run.high + 1)):
            start = where + run.lower
            cut = self._shared_blocks(start) + self._shared_blocks(start + run.size)
            yield -kept[number], cut, moved[number], -where, where

    def _shared_blocks(self, place: int) -> int:
        """How many blocks hold both a layer and the one before."""
        if not 0 < place < len(self._other.blocks):
            return 0
        mine, before = self._other.blocks[place], self._other.blocks[place - 1]
        return sum(accumulate(map(eq, mine, before), and_))

    def _renamed_counts(self, run: _Run) -> list[int]:
        """How many layers have another name, by place of the run."""
        one, its = self._one.tokens, self._other.tokens
        before = [one[place].name != its[place + run.lower].name for place in range(run.low, run.high)]
        behind = [one[place].name != its[place + run.upper].name for place in range(run.low, run.high)]
        steps = (int(new) - int(old) for new, old in zip(before, behind, strict=True))
        return list(accumulate(steps, initial=sum(behind)))

    def _kept_edge_counts(self, run: _Run) -> list[int]:
        """How many edges are as they were, directly or through the run, by place of the run."""
        steps = [0] * (run.high - run.low + 2)
        for first, last in self._kept_ranges(run):
            if first <= last:
                steps[first - run.low] += 1
                steps[last + 1 - run.low] -= 1
        return list(accumulate(steps[:-1]))

    def _kept_ranges(self, run: _Run) -> Iterator[tuple[int, int]]:
        """From where to where the run may stand for an edge to be as it was."""
        for reader in self._readers(run):
            for low, high, pair in self._phases(run, reader):
                for source, target in zip(self._one.sources[reader], self._other.sources[pair], strict=False):
                    for first, last, image in self._phases(run, source):
                        least, most = self._between(run, image, target)
                        yield max(first, low, least), min(last, high, most)

    def _between(self, run: _Run, image: int, target: int) -> tuple[int, int]:
        """From where to where the run may stand for one tensor to be another, or to lead to it through the run alone.

        It does where all behind it is in the run, from its reader on; of several readers it is the last, as branches
        stand one behind the other.
        """
        if image == target:
            return run.low, run.high
        readers = self._other.readers[image] if image != NONE else ()
        earlier = bisect_right(readers, target)
        return target - run.upper + 1, readers[earlier - 1] - run.lower if earlier else run.low - 1

    def _readers(self, run: _Run) -> set[int]:
        """The layers whose edges depend on where the run stands."""
        mine = range(run.low, run.high)
        readers = {*mine, *(reader for place in mine for reader in self._one.readers[place])}
        its = range(run.low + run.lower, run.high + run.upper)
        readers |= {self._back[reader] for place in its for reader in self._other.readers[place]}
        return {reader for reader in readers if reader != NONE and self._image[reader] != NONE}

    def _phases(self, run: _Run, place: int) -> list[tuple[int, int, int]]:
        """From where to where the run may stand for a tensor to have this pair."""
        if not run.low <= place < run.high:
            return [(run.low, run.high, self._image[place] if place >= 0 else place)]
        return [(place + 1, run.high, place + run.lower), (run.low, place, place + run.upper)]
