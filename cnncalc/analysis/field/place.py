"""Where the rows of one axis stand on another that holds several: after a concatenation, or flattened with others.

The 14×14 patches of a map, flattened behind a class token, are positions 1 … 196: position i holds row
⌊(i − 1)/14⌋ and column (i − 1) mod 14. A field keeps the row and the column, and with them its stride, which no single
number of rows per position could state.
"""

from __future__ import annotations

from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import IDENTITY, Axis, Merged, Segment, Slide, Split
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size, compare


class Place(NamedTuple):
    """Position i holds row ⌊(i − offset)/inner⌋ mod size, for begin ≤ i < end."""

    inner: Size
    size: Size
    begin: Size
    end: Size
    offset: Size = 0

    @property
    def middle(self) -> int | None:
        """The middle position; None with symbols."""
        both = self.begin + self.end
        return (both - 1) // 2 if isinstance(both, int) else None

    def row(self, position: int) -> int | None:
        """The row at a position; None if none stands there, or its sizes are symbolic."""
        inner, size, begin, end, offset = self
        numeric = isinstance(inner, int) and isinstance(size, int) and isinstance(offset, int)
        if not numeric or not isinstance(begin, int) or not isinstance(end, int) or not begin <= position < end:
            return None
        return (position - offset) // inner % size  # type: ignore[return-value] # numeric

    def is_apart(self, other: Place) -> bool:
        """Whether no position holds rows of both, as behind a concatenation."""
        return compare(self.end, "<=", other.begin) is True or compare(other.end, "<=", self.begin) is True


Placed = tuple[int, Place | None]  # an axis, and the place on it; None: row by row
NOWHERE = Place(1, 1, 0, 0)


def relocate(place: Place | None, axis: Axis, output: Shape) -> Placed | None:
    """Where rows stand in the output of a layer that reads `axis`, given their place in its input; None: not known.

    They may stand NOWHERE, as patches do after a slice of the class token.
    """
    reading, along = axis
    if isinstance(reading, Merged):
        merged = _nested(place, reading)
        return merged and (along, merged)
    if isinstance(reading, Split):
        return _unfold(place, reading, along)
    if isinstance(reading, Segment):
        place = place or Place(1, reading.size, 0, reading.size)
        return _shift(place, reading.offset, along, output)
    if place is None or not isinstance(reading, Slide):
        return None
    shifts = reading._replace(low=0) == IDENTITY  # a slice or padding: the rows stay as they are
    return _shift(place, reading.low, along, output) if shifts else None


def _shift(place: Place, by: Size, along: int, output: Shape) -> Placed | None:
    """The place moved along its axis and cut to the rows of the output."""
    begin, end = place.begin + by, place.end + by
    cut = _cut(begin, output[along]), _cut(end, output[along])
    if cut[0] is None or cut[1] is None:
        return None
    return along, NOWHERE if cut[0] == cut[1] else place._replace(begin=cut[0], end=cut[1], offset=place.offset + by)


def _cut(position: Size, size: Size) -> Size | None:
    """The position, at least 0 and at most `size`; None if that depends on a symbol."""
    if compare(position, "<=", 0) is True:
        return 0
    if compare(position, ">=", size) is True:
        return size
    return position if compare(position, ">=", 0) is True and compare(position, "<=", size) is True else None


def _nested(place: Place | None, merged: Merged) -> Place | None:
    """The place of rows on an axis that is flattened with others; None if it does not fill its own axis."""
    inner, size = merged.inner, merged.size
    if place is None:
        return Place(inner, size, 0, merged.total)
    filled = place.offset == 0 == place.begin and place.end == size
    return Place(inner * place.inner, place.size, 0, merged.total) if filled else None


def _unfold(place: Place | None, split: Split, along: int) -> Placed | None:
    """The axis that was flattened, where a flattened one is split as it was before."""
    if place is None or not place.offset == 0 == place.begin:
        return None
    before = Merged(place.inner, place.size, place.end)
    return (along + split.places.index(before), None) if before in split.places else None
