"""Groups of positions that attend among themselves: windows, shifted ones, grids and dilated positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.importers.pytorch.values import Sizes


class Local(NamedTuple):
    """Which positions attend to each other, in the fields of `attention`."""

    field: str  # window, grid or dilation
    extents: Sizes  # along each axis, the positions of one group
    shift: Sizes

    def arguments(self, sizes: Sizes) -> dict[str, object]:
        """The fields, for a map of these sizes."""
        steps = [size // extent for size, extent in zip(sizes, self.extents, strict=True)]
        numbers = steps if self.field == "dilation" else list(self.extents)
        shift = {"shift": list(self.shift)} if any(self.shift) else {}
        return {self.field: numbers, **shift}

    def splits(self, sizes: Sizes) -> list[tuple[int, int]]:
        """The two axes into which each axis is split, the outer one first."""
        pairs = [(size // extent, extent) for size, extent in zip(sizes, self.extents, strict=True)]
        return pairs if self.field == "window" else [(extent, count) for count, extent in pairs]

    def axes(self, first: int) -> tuple[list[int], list[int]]:
        """The axes of the groups and those within a group, where the first of the split axes has this number."""
        spaced = self.field != "window"
        starts = range(first, first + 2 * len(self.extents), 2)
        return [start + spaced for start in starts], [start + (not spaced) for start in starts]


def rows_of(sizes: Sizes, local: Local) -> NDArray[np.int64]:
    """The positions of every group, [groups, positions], counted row by row."""
    places = np.arange(prod(sizes)).reshape(sizes)
    places = np.roll(places, [-step for step in local.shift], tuple(range(len(sizes))))
    groups, inside = local.axes(0)
    split = places.reshape([size for pair in local.splits(sizes) for size in pair])
    rows: NDArray[np.int64] = split.transpose([*groups, *inside]).reshape(-1, prod(local.extents))
    return rows


def match(rows: NDArray[np.int64], sizes: Sizes, whole: str | None = None) -> Local | None:
    """What the groups of positions are in a map of these sizes; None for anything else.

    Args:
        rows: the positions of every group, [groups, positions].
        sizes: the sizes of the map.
        whole: the field of a group that covers the map; by default that is no group.
    """
    for local in _candidates(rows, sizes, whole):
        if np.array_equal(rows_of(sizes, local), rows):
            return local
    return None


def _candidates(rows: NDArray[np.int64], sizes: Sizes, whole: str | None) -> Iterator[Local]:
    coordinates = _coordinates(rows[0], sizes)
    extents = tuple(len(set(axis.tolist())) for axis in coordinates)
    if prod(extents) != rows.shape[1] or any(size % extent for size, extent in zip(sizes, extents, strict=True)):
        return
    none = (0,) * len(sizes)
    if extents == sizes:
        if whole:
            yield Local(whole, extents, none)
        return
    starts = tuple(int(axis[0]) % extent for axis, extent in zip(coordinates, extents, strict=True))
    yield Local("window", extents, starts)
    yield Local("dilation", extents, none)


def _coordinates(places: NDArray[np.int64], sizes: Sizes) -> Sequence[NDArray[np.int64]]:
    return [places // prod(sizes[axis + 1 :]) % size for axis, size in enumerate(sizes)]
