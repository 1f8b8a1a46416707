"""Arranges layers as a tree of blocks, in execution order; blocks below the requested depth are folded to one entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from cnncalc.analysis.report import LayerReport
from cnncalc.layers.further import FurtherOutput
from cnncalc.records import NamedTuple

Named: TypeAlias = list[tuple[list[str], LayerReport]]  # with the parts of its name
Turns: TypeAlias = Mapping[str, list[str]]  # first layer of a turn → last layers


class Entry(NamedTuple):
    """A layer, the header of a block whose entries follow, or a folded block."""

    name: str  # within its block
    level: int
    path: str
    layers: tuple[LayerReport, ...]
    header: bool = False

    @property
    def layer(self) -> LayerReport | None:
        """The layer, or None for the header of a block or a folded block."""
        return self.layers[0] if len(self.layers) == 1 and self.layers[0].name == self.path else None

    @property
    def last(self) -> LayerReport:
        """The last layer, whose output is the output of the entry."""
        return self.layers[-1]


def entries(layers: Iterable[LayerReport], depth: int | None = None) -> Iterator[Entry]:
    """Yield the entries of a list of layers; with `depth`, blocks below that many levels are folded.

    A turn of a sequence that repeats and has no name is such a block, unless it consists of blocks.
    """
    named = [(layer.name.split("."), layer) for layer in layers]
    turns: dict[str, list[str]] = {}
    if depth is not None and named:
        for first, last in named[0][1].graph.turns:
            turns.setdefault(first, []).append(last)
    return _level_entries(named, 0, depth, turns)


def _level_entries(named: Named, level: int, depth: int | None, turns: Turns) -> Iterator[Entry]:
    return _run_entries(list(_group_by_block(named, level)), level, depth, turns)


def _run_entries(
    runs: list[Named], level: int, depth: int | None, turns: Turns, inside: bool = False
) -> Iterator[Entry]:
    """Yield the entries of consecutive layers and blocks of one level; `inside`: of one turn that is not folded."""
    place = 0
    while place < len(runs):
        end = _turn_end(runs, place, turns, inside)
        turn = runs[place : end + 1]
        if len(turn) == 1 or depth is None:
            yield from _entries_of(turn[0], level, depth, turns)
        elif all(len(run[0][0]) > level + 1 for run in turn):
            yield from _run_entries(turn, level, depth, turns, inside=True)
        elif level + 1 < depth:
            yield from _run_entries(turn, level, depth - 1, turns, inside=True)
        else:
            yield _folded_turn(turn, level)
        place = end + 1


def _turn_end(runs: list[Named], place: int, turns: Turns, inside: bool) -> int:
    """The place of the last run of the longest turn that begins with this run; its own place if none does."""
    lasts = turns.get(runs[place][0][1].name)
    if not lasts:
        return place
    stop = len(runs) - (inside and place == 0)
    return max((end for end in range(place, stop) if runs[end][-1][1].name in lasts), default=place)


def _folded_turn(turn: list[Named], level: int) -> Entry:
    first, last = turn[0][0][0], turn[-1][-1][0]
    name = f"{first[level]} … {last[level]}"
    return Entry(name, level, ".".join((*first[:level], name)), tuple(layer for run in turn for _, layer in run))


def _entries_of(inside: Named, level: int, depth: int | None, turns: Turns) -> Iterator[Entry]:
    """Yield the entries of one layer or block."""
    path, layer = inside[0]
    if len(path) == level + 1:
        yield Entry(path[level], level, layer.name, (layer,))
        return
    if len(path) == level + 2 and isinstance(layer.node.layer, FurtherOutput):
        # listed below the layer that produces them, which serves as their header
        yield from _level_entries(inside, level + 1, None, turns)
        return
    folded = depth is not None and level + 1 >= depth
    layers = tuple(layer for _, layer in inside)
    yield Entry(path[level], level, ".".join(path[: level + 1]), layers, header=not folded)
    if not folded:
        *_, (last, joined) = inside
        closed = len(last) == level + 1
        yield from _level_entries(inside[:-1] if closed else inside, level + 1, depth, turns)
        if closed:
            yield Entry(last[level], level, joined.name, (joined,))


def _group_by_block(named: Named, level: int) -> Iterator[Named]:
    """Group consecutive layers of one block, with the join of named branches, which has the name of the block.

    Every other layer of this level forms a group of its own.
    """
    run: Named = []
    for entry in named:
        path = entry[0]
        if run and (path[level] != run[0][0][level] or len(run[-1][0]) == level + 1):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run
