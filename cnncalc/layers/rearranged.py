"""How rows are read where axes are concatenated, flattened into one or split into several: see `reading`."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Segment(NamedTuple):
    """One of several concatenated tensors, starting at `offset`. Which one is read depends on i: no period."""

    offset: Size
    size: Size
    period: int = 0
    advance: int = 0

    def rows(self, row: int) -> Sequence[int]:
        """The row, if it is in this tensor; for plain integers only."""
        return (row - self.offset,) if 0 <= row - self.offset < self.size else ()  # type: ignore[return-value]


class Merged(NamedTuple):
    """An axis of `size` rows of those flattened to `total` positions; `inner` lie between two of its rows."""

    inner: Size
    size: Size
    total: Size
    period: int = 0
    advance: int = 0

    def rows(self, row: int) -> Sequence[int]:
        """The row; for plain integers only."""
        return (row // self.inner % self.size,)  # type: ignore[return-value]


class Split(NamedTuple):
    """An axis as several of these sizes; the first of them is output axis `Axis.along`, the others follow it."""

    sizes: tuple[Size, ...]

    @property
    def places(self) -> tuple[Merged, ...]:
        """What each of its axes would be in the axis that is split."""
        total = prod(self.sizes)
        return tuple(Merged(prod(self.sizes[axis + 1 :]), size, total) for axis, size in enumerate(self.sizes))
