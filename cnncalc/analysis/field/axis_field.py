"""The receptive field along one axis of one input where several ways lead there: what moves, and what sees all of it.

Ways of one stride are one `Moving` field, their union. Ways of unequal strides stay apart, so that their union can be
told for any output row. Beside them may stand a way that reads the whole axis: a squeeze-and-excite gate.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.analysis.field.phases import STILL, Moving, joined, same_stride, through
from cnncalc.layers.reading import UNKNOWN, WHOLE, Axis
from cnncalc.records import NamedTuple

MOST_PARTS = 16


class Part(NamedTuple):
    """A field that moves along one axis of a tensor."""

    along: int
    field: Moving


class AxisField(NamedTuple):
    """All ways along one axis: those that move, whether one sees all, and what is known of them."""

    parts: tuple[Part, ...] = ()
    whole: bool = False
    known: bool = True
    aligned: bool | None = True

    @property
    def nothing(self) -> bool:
        """Whether nothing is read."""
        return self.known and not self.whole and not self.parts


NOTHING = AxisField()


def source(axis: int) -> AxisField:
    """The field of a tensor by itself."""
    return AxisField((Part(axis, STILL),))


def read_through(field: AxisField, axes: tuple[Axis, ...]) -> AxisField:
    """The field of an output that reads a tensor of this field along these axes."""
    if axes.count(WHOLE) == len(axes):  # whatever the tensor saw, all of it is read
        return NOTHING if field.nothing else AxisField(whole=True)
    whole, known = field.whole, field.known
    parts = []
    for along, moving in field.parts:
        axis = axes[along]
        whole |= axis == WHOLE
        if axis == WHOLE:
            continue
        found = None if axis == UNKNOWN or axis.reading is None else through(moving, axis.reading)
        known &= found is not None
        if found is not None and not found.empty:
            parts.append(Part(axis.along, found))
    return AxisField(tuple(parts), whole, known, field.aligned if parts else True)


def united(fields: Iterable[AxisField]) -> AxisField:
    """The union of several ways."""
    union = NOTHING
    for field in fields:
        union = field if union.nothing else union if field.nothing or field == union else _united(union, field)
    return union


def _united(one: AxisField, other: AxisField) -> AxisField:
    parts = list(one.parts)
    aligned = [one.aligned, other.aligned]
    for part in other.parts:
        aligned += _add(parts, part)
    agree = False if False in aligned else None if None in aligned else True
    known = one.known and other.known and len(parts) <= MOST_PARTS
    return AxisField(tuple(parts[:MOST_PARTS]), one.whole or other.whole, known, agree)


def _add(parts: list[Part], part: Part) -> list[bool | None]:
    """Join a part to one of its stride, or else put it beside them; whether it is aligned with those it met."""
    unequal: list[bool | None] = []
    for place, mine in enumerate(parts):
        alike = mine.along == part.along and same_stride(mine.field, part.field)
        met = joined(mine.field, part.field) if alike else None
        if met is not None:
            parts[place] = Part(part.along, met[0])
            return [met[1]]
        unequal.append(None if alike else False)
    parts.append(part)
    return unequal
