"""Computes the receptive field along one axis of a tensor over several paths: moving parts, and whole-axis reads.

Paths of equal stride are merged to one `Moving` field, their union. Paths of unequal strides stay separate, so that
their union can be computed for any output row. A path may also read the whole axis, as a squeeze-and-excite gate does:
the moving parts are the local field, and `through` says what joins it with the whole axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Literal

from cnncalc.analysis.field.phases import IDENTITY, Moving, Phase, compose, join, same_stride
from cnncalc.analysis.field.place import NOWHERE, Place, relocate
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import PAST, UNKNOWN, WHOLE, Axis, Every, Merged, Segment, Split
from cnncalc.records import NamedTuple

MOST_PARTS = 16
Through = Literal["", "attention", "a gate", "a normalization", "another path"]


class Part(NamedTuple):
    """A field that moves along one axis of a tensor; `place`: where its rows stand there, if not row by row."""

    along: int
    field: Moving
    place: Place | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is read."""
        return self.place == NOWHERE or self.field.is_empty

    def rows(self, position: int) -> Phase:
        """The first and last input row that a position reads; None if it reads nothing."""
        row = position if self.place is None else self.place.row(position)
        return None if row is None else self.field.rows(row)


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


def is_plain(field: AxisField) -> bool:
    """Whether it has moving parts, and all stand row by row: a layer that reads row by row leaves it as it is."""
    return bool(field.parts) and all(part.place is None for part in field.parts)


def compose_axes(field: AxisField, axes: tuple[Axis, ...], output: Shape) -> AxisField:
    """The field of an output, given the field of its input and the axes along which it reads it."""
    if all(axis == WHOLE or axis.reading == PAST for axis in axes):  # whatever the input sees, the last row sees it all
        return NOTHING if field.is_empty else AxisField(whole=True)
    whole, known = field.whole, field.known
    parts = []
    for part in field.parts:
        axis = axes[part.along]
        # The past grows with the position, up to the whole axis; evenly spaced rows lie all along it.
        if axis == WHOLE or axis.reading == PAST or isinstance(axis.reading, Every):
            whole = True
            continue
        composed = _compose(part, axis, output)
        known &= composed is not None
        if composed is not None and not composed.is_empty:
            parts.append(composed)
    return AxisField(tuple(parts), whole, known, field.aligned if parts else True, field.through if parts else "")


def _compose(part: Part, axis: Axis, output: Shape) -> Part | None:
    """A part of the output's field, given that of its input; None if it cannot be represented."""
    if axis == UNKNOWN or axis.reading is None:
        return None
    if part.place is None and not isinstance(axis.reading, Merged | Segment | Split):
        composed = compose(part.field, axis.reading)
        return composed and Part(axis.along, composed)
    placed = relocate(part.place, axis, output)
    return placed and Part(placed[0], part.field, placed[1])


def are_apart(parts: Iterable[Part]) -> bool:
    """Whether every position reads rows of at most one part, as behind a concatenation."""
    return all(_are_apart(*pair) for pair in combinations(parts, 2))


def _are_apart(one: Part, other: Part) -> bool:
    same = one.along == other.along
    return same and one.place is not None and other.place is not None and one.place.is_apart(other.place)


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
        at_once = mine.along == part.along and mine.place == part.place
        alike = at_once and same_stride(mine.field, part.field)
        merged = join(mine.field, part.field) if alike else None
        if merged is not None:
            parts[place] = mine._replace(field=merged[0])
            return [merged[1]]
        if not _are_apart(mine, part):
            unequal.append(None if alike else False)
    parts.append(part)
    return unequal
