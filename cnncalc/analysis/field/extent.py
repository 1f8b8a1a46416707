"""A receptive field along one axis as size, stride, padding and centre (Araujo, Norris, Sim, Distill 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cnncalc.analysis.field.axis_field import AxisField, Part, Through, are_apart
from cnncalc.analysis.field.phases import greatest, least
from cnncalc.analysis.field.place import Place
from cnncalc.layers.layer import Shape
from cnncalc.records import Record
from cnncalc.symbolic import Size, Undecidable


class Extent(Record):
    """The field along one axis, in rows of the tensor that is seen; figures that depend on input or position are None.

    Output row i reads stride·i − padding … stride·i − padding + size − 1, centred at stride·i + centre. With
    several `phases` (a, b), or None if nothing is read, size is the largest, padding and centre are those of the first.
    """

    image: Size  # the size of the axis, in rows
    size: Size | None
    stride: Size | Fraction | None
    padding: Size | None
    centre: Fraction | None
    whole: bool  # whether a path sees all rows, in addition to the field if stride is not None
    known: bool = True
    aligned: bool | None = None
    phases: tuple[tuple[Size, Size] | None, ...] = ()
    through: Through = ""  # what joins the field with the whole axis, such as a gate
    place: Place | None = None  # where row i of the above stands in the output, if not at i: on a flattened axis

    @property
    def only_whole(self) -> bool:
        """Whether every position sees the whole axis, and nothing moves."""
        return self.whole and self.known and not self.phases

    @property
    def share(self) -> Fraction | None:
        """The fraction of the axis that the field covers; None with symbols."""
        if self.only_whole:
            return Fraction(1)
        if not isinstance(self.size, int) or not isinstance(self.image, int):
            return None
        return Fraction(min(self.size, self.image), self.image)

    @property
    def exceeds(self) -> bool:
        """Whether the field is larger than the axis, or every position sees the whole axis."""
        larger = isinstance(self.size, int) and isinstance(self.image, int) and self.size > self.image
        return self.only_whole or larger


def extent_of(field: AxisField, image: Size, output: Shape) -> Extent:
    """Convert a field along one axis of `image` rows; `output` is the shape of the layer that sees it."""
    parts = [part for part in field.parts if part.along > 0]
    # A part that moves with the channel is seen in full by all channels together.
    whole = field.whole or len(parts) < len(field.parts)
    if not field.known:
        return Extent(image, None, None, None, None, whole, known=False)
    if not parts:
        return Extent(image, image, None, None, None, whole)
    aligned, through = field.aligned, field.through
    if any(part.field != parts[0].field for part in parts[1:]) or not are_apart(parts):
        return Extent(image, _largest_size(parts, output), None, None, None, whole, True, aligned, (None,), through)
    moving, place = parts[0].field, parts[0].place
    low, high = moving.first
    centre = low + high
    middle = Fraction(centre, 2) if isinstance(centre, int) else None
    size, stride, phases = moving.size, moving.stride, moving.phases
    return Extent(image, size, stride, -low, middle, whole, True, aligned, phases, through, place)


def _largest_size(parts: Sequence[Part], output: Shape) -> Size | None:
    """The size of the union of fields that differ, at the middle position; None with symbols.

    If rows stand at several places, as behind a concatenation, it is the largest at the middles of the places.
    """
    sizes: list[Size] = []
    for along, place in dict.fromkeys((part.along, part.place) for part in parts):
        at = [(size - 1) // 2 if isinstance(size, int) else None for size in output]
        at[along] = at[along] if place is None else place.middle
        hull = [None if (row := at[part.along]) is None else part.rows(row) for part in parts]
        reached = [rows for rows in hull if rows is not None]
        if not reached or any(rows is None and part.place is None for rows, part in zip(hull, parts, strict=True)):
            return None
        try:
            sizes.append(greatest([high for _, high in reached]) - least([low for low, _ in reached]) + 1)
        except Undecidable:
            return None
    return greatest(sizes)
