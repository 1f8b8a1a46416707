"""Arranges layers as a tree of blocks, in execution order; blocks below the requested depth are folded to one entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.analysis.report import LayerReport
from cnncalc.layers.further import FurtherOutput
from cnncalc.records import NamedTuple


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
    """Yield the entries of a list of layers; with `depth`, blocks below that many levels are folded."""
    named = [(layer.name.split("."), layer) for layer in layers]
    return _level_entries(named, 0, depth)


def _level_entries(named: list[tuple[list[str], LayerReport]], level: int, depth: int | None) -> Iterator[Entry]:
    for inside in _group_by_block(named, level):
        path, layer = inside[0]
        if len(path) == level + 1:
            yield Entry(path[level], level, layer.name, (layer,))
            continue
        if len(path) == level + 2 and isinstance(layer.node.layer, FurtherOutput):
            yield from _level_entries(
                inside, level + 1, None
            )  # listed below the layer that produces them, which serves as their header
            continue
        folded = depth is not None and level + 1 >= depth
        layers = tuple(layer for _, layer in inside)
        yield Entry(path[level], level, ".".join(path[: level + 1]), layers, header=not folded)
        if not folded:
            *_, (last, joined) = inside
            closed = len(last) == level + 1
            yield from _level_entries(inside[:-1] if closed else inside, level + 1, depth)
            if closed:
                yield Entry(last[level], level, joined.name, (joined,))


def _group_by_block(
    named: list[tuple[list[str], LayerReport]], level: int
) -> Iterator[list[tuple[list[str], LayerReport]]]:
    """Group consecutive layers of one block, with the join of named branches, which has the name of the block.

    Every other layer of this level forms a group of its own.
    """
    run: list[tuple[list[str], LayerReport]] = []
    for entry in named:
        path = entry[0]
        if run and (path[level] != run[0][0][level] or len(run[-1][0]) == level + 1):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run
