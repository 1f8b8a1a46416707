"""The integer form of a receptive field along one axis: `(J, [(a₀, b₀), …])` of docs/formulas.md.

Of t phases: output row t·q + r reads the input rows J·q + a_r … J·q + b_r, or nothing. The hull is exact wherever
no border clips it; holes that dilation or a stride leaves inside it are not told. For a chain of windows t is 1, and
`through` is the recurrence of Araujo, Norris, Sim (Distill 2019): r_out = r_in + (E − 1)·j_in, j_out = j_in·S.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

from cnncalc.layers.reading import Reading, Slide
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size, Undecidable, compare, maximum, minimum

MOST_PHASES = 1024
MOST_ROWS = 1 << 17  # rows that the phases of one layer may read together
MOST_TERMS = 64  # of a closed form
MOST_BITS = 1024  # of a number: a hundred thousand strides of 2 would make one of as many

Phase = tuple[Size, Size] | None


class Moving(NamedTuple):
    """A field that moves with the output row: by J = `step` input rows for t = `len(phases)` output rows."""

    step: Size
    phases: tuple[Phase, ...]

    @property
    def stride(self) -> Size | Fraction:
        """Input rows per output row, J/t."""
        if len(self.phases) == 1:
            return self.step
        stride = Fraction(number(self.step), len(self.phases))
        return stride.numerator if stride.denominator == 1 else stride

    @property
    def empty(self) -> bool:
        """Whether no phase reads anything."""
        return not any(self.phases)

    @property
    def first(self) -> tuple[Size, Size]:
        """The rows that the first phase reads which reads any."""
        return next(phase for phase in self.phases if phase is not None)

    @property
    def size(self) -> Size:
        """The largest b − a + 1."""
        sizes = [phase[1] - phase[0] + 1 for phase in self.phases if phase is not None]
        return maximum(*sizes) if len(sizes) > 1 else sizes[0]

    def rows(self, row: int) -> Phase:
        """The first and the last input row that an output row reads."""
        turn, phase = divmod(row, len(self.phases))
        found = self.phases[phase]
        return found and (self.step * turn + found[0], self.step * turn + found[1])


STILL = Moving(1, ((0, 0),))


@lru_cache(maxsize=4096)  # the axes of a map are mostly alike
def through(field: Moving, reading: Reading) -> Moving | None:
    """The field of a layer's output, from that of its input: the union over the rows it reads. None: not to be said."""
    if isinstance(reading, Slide) and len(field.phases) == 1:
        return _slid(field, reading)
    advance = reading.advance
    if not reading.period or not isinstance(advance, int):
        return None
    phases = len(field.phases)
    turns = phases // gcd(advance, phases)  # so many periods are a whole number of the input's
    count = reading.period * turns
    if count > MOST_PHASES or (isinstance(reading, Slide) and not _plain(reading)):
        return None
    step = field.step * (advance * turns // phases)
    if _unwieldy(step):
        return None
    found = []
    work = 0
    for row in range(count):
        rows = _telling(reading.rows(row), phases)
        work += len(rows)
        if work > MOST_ROWS:
            return None
        found.append(_hull(map(field.rows, rows)))
    return reduced(Moving(step, tuple(found)))


def _telling(rows: Sequence[int], phases: int) -> Sequence[int]:
    """The first and last rows, in which every phase occurs that does: the extreme ones of a regular sequence."""
    return rows if len(rows) <= 2 * phases else (*rows[:phases], *rows[-phases:])


def _slid(field: Moving, reading: Slide) -> Moving | None:
    """A window over a field of one phase: its first and its last row are all that matters."""
    (reach,) = field.phases
    assert reach is not None
    first, last = reading.span(0)
    phase = field.step * first + reach[0], field.step * last + reach[1]
    step = field.step * reading.stride
    return None if _unwieldy(step) or _unwieldy(phase[0]) or _unwieldy(phase[1]) else Moving(step, (phase,))


def _plain(reading: Slide) -> bool:
    return all(isinstance(each, int) for each in (reading.kernel, reading.low, reading.dilation))


def _unwieldy(size: Size) -> bool:
    return size.bit_length() > MOST_BITS if isinstance(size, int) else len(size.terms) > MOST_TERMS


def _hull(phases: Iterable[Phase]) -> Phase:
    """The rows from the first to the last of all."""
    read = [phase for phase in phases if phase is not None]
    if not read:
        return None
    if len(read) == 1:
        return read[0]
    lows, highs = zip(*read, strict=True)
    return least(lows), greatest(highs)


@lru_cache(maxsize=4096)
def joined(one: Moving, other: Moving) -> tuple[Moving, bool | None] | None:
    """The union, phase by phase, of two fields of one stride, and whether they are aligned (None: it depends).

    None where there is none: strides differ, or phases grow too many, or an order depends on a symbol.
    """
    if not same_stride(one, other):
        return None
    count = lcm(len(one.phases), len(other.phases))
    if count > MOST_PHASES:
        return None
    pairs = list(zip(_expanded(one, count), _expanded(other, count), strict=True))
    try:
        union = tuple(map(_hull, pairs))
    except Undecidable:
        return None
    aligned = [_same_centre(mine, its) for mine, its in pairs if mine is not None and its is not None]
    step = one.step * (count // len(one.phases))
    return reduced(Moving(step, union)), False if False in aligned else None if None in aligned else True


def same_stride(one: Moving, other: Moving) -> bool:
    """Whether two fields move equally fast."""
    return one.step * len(other.phases) == other.step * len(one.phases)


def _expanded(field: Moving, count: int) -> tuple[Phase, ...]:
    """The same field in so many phases."""
    return field.phases if len(field.phases) == count else tuple(map(field.rows, range(count)))


def _same_centre(one: tuple[Size, Size], other: tuple[Size, Size]) -> bool | None:
    """Whether a + b agree."""
    holds = compare(one[0] + one[1], "==", other[0] + other[1])
    return holds if isinstance(holds, bool) else None


def reduced(field: Moving) -> Moving:
    """The same field in the fewest phases."""
    count, step = len(field.phases), field.step
    if count == 1 or not isinstance(step, int):
        return field
    for fewer in range(1, count):
        if count % fewer or step * fewer % count:
            continue
        less = Moving(step * fewer // count, field.phases[:fewer])
        if _expanded(less, count) == field.phases:
            return less
    return field


def least(sizes: Sequence[Size]) -> Size:
    """The smallest of some sizes; Undecidable where a symbol decides which."""
    return _decided(minimum(*sizes), sizes)


def greatest(sizes: Sequence[Size]) -> Size:
    """The largest of some sizes; Undecidable where a symbol decides which."""
    return _decided(maximum(*sizes), sizes)


def _decided(found: Size, sizes: Sequence[Size]) -> Size:
    if found not in sizes:
        raise Undecidable(f"which of {' and '.join(map(str, sizes))} comes first")
    return found


def number(size: Size) -> int:
    """A size that is no symbol."""
    assert isinstance(size, int)
    return size
