"""Layers as a tree of blocks, in the order of execution; blocks deeper than asked are folded to one entry."""

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
        """The layer, where it is one and no block."""
        return self.layers[0] if len(self.layers) == 1 and self.layers[0].name == self.path else None

    @property
    def last(self) -> LayerReport:
        """The layer whose output leaves."""
        return self.layers[-1]


def entries(layers: Iterable[LayerReport], depth: int | None = None) -> Iterator[Entry]:
    """The entries of a list of layers; with `depth`, that many levels of them."""
    named = [(layer.name.split("."), layer) for layer in layers]
    return _level(named, 0, depth)


def _level(named: list[tuple[list[str], LayerReport]], level: int, depth: int | None) -> Iterator[Entry]:
    for inside in _runs(named, level):
        path, layer = inside[0]
        if len(path) == level + 1:
            yield Entry(path[level], level, layer.name, (layer,))
            continue
        if len(path) == level + 2 and isinstance(layer.node.layer, FurtherOutput):
            yield from _level(inside, level + 1, None)  # behind the layer that makes them, which is their header
            continue
        folded = depth is not None and level + 1 >= depth
        layers = tuple(layer for _, layer in inside)
        yield Entry(path[level], level, ".".join(path[: level + 1]), layers, header=not folded)
        if not folded:
            *_, (last, joined) = inside
            closed = len(last) == level + 1
            yield from _level(inside[:-1] if closed else inside, level + 1, depth)
            if closed:
                yield Entry(last[level], level, joined.name, (joined,))


def _runs(named: list[tuple[list[str], LayerReport]], level: int) -> Iterator[list[tuple[list[str], LayerReport]]]:
    """Consecutive layers of one block together, with the join of named branches, which bears the block's name.

    Any other layer of this level is alone.
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
