"""Which rows of its input a layer reads for output row i; receptive fields are composed from this.

A layer returns routes, one per path from an input tensor to its output. A route gives for every axis of that tensor
(the channels are axis 0) the output axis that it follows, and a reading, one of these types:

    Slide     s·i − p + d·u                  convolution, pooling; also pad, crop and slice, with a window of one row
    Spread    (i + p − d·u)/s where whole    transposed convolution
    Resample  ⌊i·a/q⌋ and its neighbours     nearest, linear and cubic interpolation
    Filtered  all near point i·a/q           antialiased interpolation
    Parts     ⌊i·N/n⌋ … ⌈(i + 1)·N/n⌉ − 1    adaptive pooling
    Blocks    all of the block of i          attention within windows
    Every     i mod s + s·u                  attention on a grid
    Segment   i − offset, where that exists  concatenation along an axis
    Merged    ⌊i/inner⌋ mod n                axes flattened into one
    Split     i₁·n₂ + i₂                     an axis as several
    Listed    listed[i]                      rows chosen by constants
    PAST      0 … i                          recurrent layers in one direction
    WHOLE     all rows, for every i          global pooling, linear
    UNKNOWN   not known

Rows are counted on an unbounded axis: −1 lies in the padding. After `period` output rows the pattern repeats, shifted
by `advance`; a reading without a period (0) can only be evaluated row by row. The numbers of a reading may be symbolic;
`rows` needs integers. `existing_rows` restricts the result to existing rows. Sources: V. Dumoulin, F. Visin,
arXiv:1603.07285; A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod
from typing import Any, Literal, TypeAlias

from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

Border = Literal["clip", "reflect", "replicate", "circular"]
Number: TypeAlias = Any  # a `Size`; mypy checks the arithmetic of `rows` as that of integers no further
Kernel = Literal["nearest", "nearest-exact", "linear", "aligned", "cubic", "cubic-aligned"]


class Slide(NamedTuple):
    """A window: output row i reads s·i − p + d·u, u = 0 … kernel − 1."""

    kernel: Size = 1
    stride: Size = 1
    low: Size = 0
    dilation: Size = 1
    border: Border = "clip"

    @property
    def period(self) -> int:
        """1: every output row has the same pattern."""
        return 1

    @property
    def advance(self) -> Size:
        """The stride."""
        return self.stride

    def span(self, row: int) -> tuple[Size, Size]:
        """The first and the last row read."""
        first = self.stride * row - self.low
        return first, first + self.dilation * (self.kernel - 1)

    def rows(self, row: int) -> Sequence[int]:
        """The rows read; for plain integers only."""
        first = self.stride * row - self.low
        return range(first, first + self.dilation * self.kernel, self.dilation)  # type: ignore[arg-type]


class Spread(NamedTuple):
    """A transposed window: output row i reads (i + p − d·u)/s for those u = 0 … kernel − 1 that make it whole."""

    kernel: Number
    stride: Number
    low: Number
    dilation: Number

    @property
    def period(self) -> Number:
        """The stride: this many output rows per input row."""
        return self.stride

    @property
    def advance(self) -> int:
        """One."""
        return 1

    def rows(self, row: int) -> Sequence[int]:
        """The rows read; empty for a row that no window writes."""
        shared = gcd(self.stride, self.dilation)
        first, between = divmod(row + self.low, shared)
        stride, step = self.stride // shared, self.dilation // shared
        tap = first * pow(step, -1, stride) % stride  # the first u that makes it whole; then every stride-th
        if between or tap >= self.kernel:
            return ()
        last = (first - step * tap) // stride
        return range(last - (self.kernel - 1 - tap) // stride * step, last + 1, step)


class Resample(NamedTuple):
    """Interpolation with scale period/advance: the neighbours of point i·advance/period with non-zero weight.

    Half-pixel centres, (i + ½)·advance/period − ½, unless the kernel is `nearest` or `aligned` (`align_corners`).
    A symbolic period may be 0, where corners are aligned and a single row leaves: it reads the first.
    """

    advance: Number
    period: Number
    kernel: Kernel

    def rows(self, row: int) -> Sequence[int]:
        """The rows of non-zero weight."""
        top, bottom = self._point(row)
        floor, rest = divmod(top, bottom)
        if rest == 0 or self.kernel.startswith("nearest"):
            return (floor,)
        return range(floor - 1, floor + 3) if self.kernel.startswith("cubic") else (floor, floor + 1)

    def _point(self, row: int) -> tuple[int, int]:
        """The position of the output row on the input axis, as a fraction."""
        if self.kernel == "nearest" or self.kernel.endswith("aligned"):
            return row * self.advance, self.period or 1
        middle = (2 * row + 1) * self.advance
        return (middle if self.kernel == "nearest-exact" else middle - self.period), 2 * self.period


class Filtered(NamedTuple):
    """Antialiased interpolation with scale period/advance: the rows near (i + ½)·advance/period with non-zero weight.

    The filter reaches `reach` rows to both sides, and as many times more as the axis shrinks. A cubic filter (reach 2)
    is zero half-way too. Source: `HelperInterpBase` of PyTorch's ATen.
    """

    advance: Number
    period: Number
    reach: int

    def rows(self, row: int) -> Sequence[int]:
        """The rows of non-zero weight: |j + ½ − (i + ½)·advance/period| < reach·max(1, advance/period)."""
        middle = self.advance * (2 * row + 1)  # distances are in units of 1/(2·period)
        widened = 2 * max(self.period, self.advance)
        ends = self.reach * widened
        first = (middle - ends - self.period) // (2 * self.period) + 1
        last = -((self.period - middle - ends) // (2 * self.period)) - 1
        rows = range(first, last + 1)
        if self.reach == 1:
            return rows
        return [each for each in rows if abs((2 * each + 1) * self.period - middle) != widened]


class Parts(NamedTuple):
    """An axis divided into parts, which overlap if their number does not divide it: ⌊i·N/n⌋ … ⌈(i + 1)·N/n⌉ − 1."""

    advance: Number
    period: Number

    def rows(self, row: int) -> Sequence[int]:
        """The rows of one part."""
        return range(row * self.advance // self.period, -(-(row + 1) * self.advance // self.period))


class Blocks(NamedTuple):
    """Blocks of `size` rows from `low`, each read whole by its rows: low + size·⌊(i − low)/size⌋, … + size − 1."""

    size: Number
    low: Number

    @property
    def period(self) -> Number:
        """One block."""
        return self.size

    @property
    def advance(self) -> Number:
        """One block."""
        return self.size

    def rows(self, row: int) -> Sequence[int]:
        """The rows of its block."""
        first = self.low + (row - self.low) // self.size * self.size
        return range(first, first + self.size)


class Every(NamedTuple):
    """Of an axis of `size` rows, those at the same place modulo `step`; a field takes them for the whole."""

    step: Number
    size: Number

    @property
    def period(self) -> Number:
        """The step."""
        return self.step

    @property
    def advance(self) -> int:
        """0: after a step, the same rows are read."""
        return 0

    def rows(self, row: int) -> Sequence[int]:
        """The rows at the same place."""
        return range(row % self.step, self.size, self.step)


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


class Listed(NamedTuple):
    """Rows in any order: output row i reads row listed[i]."""

    listed: tuple[Size, ...]
    period: int = 0
    advance: int = 0

    def rows(self, row: int) -> Sequence[int]:
        """The row; for plain integers only."""
        return (self.listed[row],)  # type: ignore[return-value]


class Past(NamedTuple):
    """All rows up to row i; the last output row reads the whole axis."""

    period: int = 0
    advance: int = 0

    def rows(self, row: int) -> Sequence[int]:
        """The rows from the first to this one."""
        return range(row + 1)


Reading = Slide | Spread | Resample | Filtered | Parts | Blocks | Every | Segment | Merged | Listed | Past


class Axis(NamedTuple):
    """How one axis of an input tensor is read: along which output axis, with which reading."""

    reading: Reading | Split | None  # None: WHOLE or UNKNOWN
    along: int = -1


WHOLE = Axis(None, -1)
UNKNOWN = Axis(None, -2)
IDENTITY = Slide()
PAST = Past()


class Route(NamedTuple):
    """A path from an input tensor, given by its index, to the output."""

    source: int
    axes: tuple[Axis, ...]


Routes = tuple[Route, ...]
