"""Computes the receptive field along one axis of a tensor over several paths: moving parts, and whole-axis reads.

Paths of equal stride are merged to one `Moving` field, their union. Paths of unequal strides stay separate, so that
their union can be computed for any output row. A path may also read the whole axis, as a squeeze-and-excite gate does:
the moving parts are the local field, and `through` says what joins it with the whole axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from cnncalc.analysis.field.phases import IDENTITY, Moving, compose, join, same_stride
from cnncalc.layers.reading import PAST, UNKNOWN, WHOLE, Axis, Every
from cnncalc.records import NamedTuple

MOST_PARTS = 16
Through = Literal["", "a gate", "a normalization", "another path"]


class Part(NamedTuple):
    """A field that moves along one axis of a tensor."""

    along: int
    field: Moving


class AxisField(NamedTuple):
    """All paths along one axis: the moving parts, whether a path sees the whole axis, and whether all are known."""

    parts: tuple[Part, ...] = ()
    whole: bool = False
    known: bool = True
    aligned: bool | None = True
    through: Through = ""  # what joins the moving parts with the whole axis; "" if nothing does

    @property
    def is_empty(self) -> bool:
        """Whether nothing is read."""
        return self.known and not self.whole and not self.parts


NOTHING = AxisField()


def identity_field(axis: int) -> AxisField:
    """The field of a tensor in itself."""
    return AxisField((Part(axis, IDENTITY),))


def compose_axes(field: AxisField, axes: tuple[Axis, ...]) -> AxisField:
    """The field of an output, given the field of its input and the axes along which it reads it."""
    if all(axis == WHOLE or axis.reading == PAST for axis in axes):  # whatever the input sees, the last row sees it all
        return NOTHING if field.is_empty else AxisField(whole=True)
    whole, known = field.whole, field.known
    parts = []
    for along, moving in field.parts:
        axis = axes[along]
        # The past grows with the position, up to the whole axis; evenly spaced rows lie all along it.
        if axis == WHOLE or axis.reading == PAST or isinstance(axis.reading, Every):
            whole = True
            continue
        composed = None if axis == UNKNOWN or axis.reading is None else compose(moving, axis.reading)
        known &= composed is not None
        if composed is not None and not composed.is_empty:
            parts.append(Part(axis.along, composed))
    return AxisField(tuple(parts), whole, known, field.aligned if parts else True, field.through if parts else "")


def unite(fields: Iterable[AxisField]) -> AxisField:
    """The union of several paths."""
    union = NOTHING
    for field in fields:
        union = field if union.is_empty else union if field.is_empty or field == union else _unite_two(union, field)
    return union


def _unite_two(one: AxisField, other: AxisField) -> AxisField:
    parts = list(one.parts)
    aligned = [one.aligned, other.aligned]
    for part in other.parts:
        aligned += _add_part(parts, part)
    agree = False if False in aligned else None if None in aligned else True
    known = one.known and other.known and len(parts) <= MOST_PARTS
    through = one.through or other.through
    return AxisField(tuple(parts[:MOST_PARTS]), one.whole or other.whole, known, agree, through)


def name_joint(field: AxisField, through: Through) -> AxisField:
    """The field after a layer at which paths meet: `through` if this layer joins moving parts with the whole axis."""
    return field._replace(through=through) if field.whole and field.parts and not field.through else field


def _add_part(parts: list[Part], part: Part) -> list[bool | None]:
    """Merge a part with one of equal stride, or append it; return whether it is aligned with the others."""
    unequal: list[bool | None] = []
    for place, mine in enumerate(parts):
        alike = mine.along == part.along and same_stride(mine.field, part.field)
        merged = join(mine.field, part.field) if alike else None
        if merged is not None:
            parts[place] = Part(part.along, merged[0])
            return [merged[1]]
        unequal.append(None if alike else False)
    parts.append(part)
    return unequal
