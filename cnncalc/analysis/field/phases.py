"""Represents a receptive field along one axis by integers: `(J, [(a₀, b₀), …])` of docs/formulas.md.

With t phases, output row t·q + r reads the input rows J·q + a_r … J·q + b_r, or nothing. The hull is exact except at
borders; holes inside it, from dilation or stride, are not represented. For a chain of windows t is 1, and
`compose` is the recurrence of Araujo, Norris, Sim (Distill 2019): r_out = r_in + (E − 1)·j_in, j_out = j_in·S.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

from cnncalc.layers.reading import Reading, Slide
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Expr, Size, Undecidable, compare, maximum, minimum

MOST_PHASES = 1024
MOST_ROWS = 1 << 17  # rows read by all phases of one layer
MOST_TERMS = 64  # of a closed form
MOST_BITS = 1024  # of a number: a hundred thousand strides of 2 would need as many

Phase = tuple[Size, Size] | None


class Moving(NamedTuple):
    """A field that moves by J = `step` input rows per t = `len(phases)` output rows."""

    step: Size
    phases: tuple[Phase, ...]

    @property
    def stride(self) -> Size | Fraction:
        """Input rows per output row, J/t."""
        if len(self.phases) == 1:
            return self.step
        stride = Fraction(as_int(self.step), len(self.phases))
        return stride.numerator if stride.denominator == 1 else stride

    @property
    def is_empty(self) -> bool:
        """Whether no phase reads anything."""
        return not any(self.phases)

    @property
    def first(self) -> tuple[Size, Size]:
        """The first and last row of the first phase that reads any."""
        return next(phase for phase in self.phases if phase is not None)

    @property
    def size(self) -> Size:
        """The largest b − a + 1."""
        sizes = [phase[1] - phase[0] + 1 for phase in self.phases if phase is not None]
        return maximum(*sizes) if len(sizes) > 1 else sizes[0]

    def rows(self, row: int) -> Phase:
        """The first and last input row that an output row reads; None if it reads nothing."""
        turn, phase = divmod(row, len(self.phases))
        phase_rows = self.phases[phase]
        return phase_rows and (self.step * turn + phase_rows[0], self.step * turn + phase_rows[1])


IDENTITY = Moving(1, ((0, 0),))


@lru_cache(maxsize=4096)  # the axes of a map are mostly equal
def compose(field: Moving, reading: Reading) -> Moving | None:
    """The field of a layer's output, given that of its input; None if it cannot be represented."""
    if isinstance(reading, Slide) and len(field.phases) == 1:
        return _slide(field, reading)
    if any(isinstance(each, Expr) for each in reading) or not reading.period:
        return None
    advance = as_int(reading.advance)
    phases = len(field.phases)
    turns = phases // gcd(advance, phases)  # this many periods cover a whole number of the input's periods
    count = reading.period * turns
    if count > MOST_PHASES:
        return None
    step = field.step * (advance * turns // phases)
    if _is_unwieldy(step):
        return None
    hulls = []
    work = 0
    for row in range(count):
        rows = _extreme_rows(reading.rows(row), phases)
        work += len(rows)
        if work > MOST_ROWS:
            return None
        hulls.append(_hull(map(field.rows, rows)))
    return reduce_phases(Moving(step, tuple(hulls)))


def _extreme_rows(rows: Sequence[int], phases: int) -> Sequence[int]:
    """The first and last rows, which contain every phase that occurs and the extremes of a regular sequence."""
    return rows if len(rows) <= 2 * phases else (*rows[:phases], *rows[-phases:])


def _slide(field: Moving, reading: Slide) -> Moving | None:
    """Compose a window with a field of one phase: only its first and last row matter."""
    (reach,) = field.phases
    assert reach is not None
    first, last = reading.span(0)
    phase = field.step * first + reach[0], field.step * last + reach[1]
    step = field.step * reading.stride
    return None if _is_unwieldy(step) or _is_unwieldy(phase[0]) or _is_unwieldy(phase[1]) else Moving(step, (phase,))


def _is_unwieldy(size: Size) -> bool:
    return size.bit_length() > MOST_BITS if isinstance(size, int) else len(size.terms) > MOST_TERMS


def _hull(phases: Iterable[Phase]) -> Phase:
    """The rows from the first to the last of all phases; None if all are empty."""
    read = [phase for phase in phases if phase is not None]
    if not read:
        return None
    if len(read) == 1:
        return read[0]
    lows, highs = zip(*read, strict=True)
    return least(lows), greatest(highs)


@lru_cache(maxsize=4096)
def join(one: Moving, other: Moving) -> tuple[Moving, bool | None] | None:
    """The union, phase by phase, of two fields of equal stride, and whether they are aligned (None if undecided).

    Returns None if strides differ, there are too many phases, or the order depends on a symbol.
    """
    if not same_stride(one, other):
        return None
    count = lcm(len(one.phases), len(other.phases))
    if count > MOST_PHASES:
        return None
    pairs = list(zip(_expand(one, count), _expand(other, count), strict=True))
    try:
        union = tuple(map(_hull, pairs))
    except Undecidable:
        return None
    aligned = [_same_centre(mine, its) for mine, its in pairs if mine is not None and its is not None]
    step = one.step * (count // len(one.phases))
    return reduce_phases(Moving(step, union)), False if False in aligned else None if None in aligned else True


def same_stride(one: Moving, other: Moving) -> bool:
    """Whether two fields have equal strides."""
    return one.step * len(other.phases) == other.step * len(one.phases)


def _expand(field: Moving, count: int) -> tuple[Phase, ...]:
    """The phases of the same field, written as `count` phases."""
    return field.phases if len(field.phases) == count else tuple(map(field.rows, range(count)))


def _same_centre(one: tuple[Size, Size], other: tuple[Size, Size]) -> bool | None:
    """Whether two phases have the same centre; None if that depends on a symbol."""
    holds = compare(one[0] + one[1], "==", other[0] + other[1])
    return holds if isinstance(holds, bool) else None


def reduce_phases(field: Moving) -> Moving:
    """The same field with the fewest phases."""
    count, step = len(field.phases), field.step
    if count == 1 or not isinstance(step, int):
        return field
    for fewer in range(1, count):
        if count % fewer or step * fewer % count:
            continue
        less = Moving(step * fewer // count, field.phases[:fewer])
        if _expand(less, count) == field.phases:
            return less
    return field


def least(sizes: Sequence[Size]) -> Size:
    """The smallest of some sizes; raises Undecidable if that depends on a symbol."""
    return _require_decided(minimum(*sizes), sizes)


def greatest(sizes: Sequence[Size]) -> Size:
    """The largest of some sizes; raises Undecidable if that depends on a symbol."""
    return _require_decided(maximum(*sizes), sizes)


def _require_decided(size: Size, sizes: Sequence[Size]) -> Size:
    if size not in sizes:
        raise Undecidable(f"which of {' and '.join(map(str, sizes))} comes first")
    return size


def as_int(size: Size) -> int:
    """Narrow the type of a size that is known to be an integer."""
    assert isinstance(size, int)
    return size
