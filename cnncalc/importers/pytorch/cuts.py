"""Finds out of which channels and positions of a map the heads of an attention are cut."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.places import origins
from cnncalc.importers.pytorch.values import Sizes, Tensor
from cnncalc.importers.pytorch.windows import Local, match


class Cut(NamedTuple):
    """Heads cut out of a tensor, among all positions or within groups of them."""

    name: str
    axis: int  # of its channels
    heads: list[list[int]]  # the channels of every head
    local: Local | None = None
    heads_first: bool = True  # the heads are counted before the groups of positions
    passed: tuple[str, ...] = ()  # the layers passed on the way that do not move numbers

    @property
    def flat(self) -> list[int]:
        """The channels of all heads."""
        return [channel for head in self.heads for channel in head]


def cut_of(emission: Emission, tensor: Tensor, commuting: Sequence[str] = ()) -> Cut | None:
    """The earliest map out of whose channels the heads of a tensor [heads, positions, numbers] are cut.

    Args:
        emission: all layers so far.
        tensor: any number of axes for heads and groups of positions, then positions, then the numbers of one head.
        commuting: the layers that are passed on the way, besides those that move numbers.
    """
    found = None
    for name, places, passed in origins(emission, tensor, commuting):
        cut = _cut(name, emission.shapes[name], places.reshape(-1, *places.shape[-2:]), emission.wholes.get(name))
        if cut is not None and (cut.local is None or name != tensor.name):
            found = cut._replace(passed=passed)
    return found


def _cut(name: str, shape: Sizes, places: NDArray[np.int64], field: str | None) -> Cut | None:
    """The cut of [heads · groups, positions, numbers] of a head; `field`: of a group that covers the map."""
    if not 2 <= len(shape) <= 4:
        return None
    for axis in (0, len(shape) - 1):
        each, size = prod(shape[axis + 1 :]), shape[axis]
        rows, first = places[:, :, 0], places[:, 0]
        position = rows // (each * size) * each + rows % each
        channel = first // each % size
        if (rows // each % size != channel[:, :1]).any():
            continue
        whole = position // each * each * size + position % each
        if not np.array_equal(places, whole[:, :, None] + channel[:, None] * each):
            continue
        sizes = (*shape[:axis], *shape[axis + 1 :])
        cut = _divide(name, axis, sizes, channel, position, field)
        if cut is not None:
            return cut
    return None


def _divide(
    name: str, axis: int, sizes: Sizes, channels: NDArray[np.int64], rows: NDArray[np.int64], whole: str | None
) -> Cut | None:
    """Divide [heads · groups] rows of channels and of positions into heads and groups, whichever come first."""
    groups = prod(sizes) // rows.shape[1]
    if groups * rows.shape[1] != prod(sizes) or len(rows) % groups:
        return None
    for heads_first in (True, False) if groups > 1 else (True,):
        split = (len(rows) // groups, groups) if heads_first else (groups, len(rows) // groups)
        by_row, by_channel = rows.reshape(*split, -1), channels.reshape(*split, -1)
        if not heads_first:
            by_row, by_channel = by_row.swapaxes(0, 1), by_channel.swapaxes(0, 1)
        if not (by_row == by_row[:1]).all() or not (by_channel == by_channel[:, :1]).all():
            continue
        local = match(by_row[0], sizes, whole if len(sizes) > 1 else None)
        if local is not None or (groups == 1 and np.array_equal(by_row[0, 0], np.arange(prod(sizes)))):
            return Cut(name, axis, by_channel[:, 0].tolist(), local, heads_first)
    return None
