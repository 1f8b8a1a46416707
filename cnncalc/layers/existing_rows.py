"""Which of the rows that a layer reads exist: those of padding are left out, or are the rows that it repeats."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.layers.reading import Axis, Border, Slide, Split


def read(axis: Axis, row: int, size: int) -> Sequence[int]:
    """The existing rows of an axis of this size that output row `row` reads; padding that repeats reads the repeated
    rows.
    """
    reading = axis.reading
    assert reading is not None
    assert not isinstance(reading, Split)  # its rows depend on several output axes
    rows = reading.rows(row)
    if isinstance(reading, Slide) and reading.border != "clip":
        return [_border_row(each, size, reading.border) for each in rows]
    return _clip_rows(rows, size) if isinstance(rows, range) else [each for each in rows if 0 <= each < size]


def _clip_rows(rows: range, size: int) -> range:
    """The existing ones of evenly spaced rows, in constant time even for kernels far larger than their map."""
    begin, end = -(rows.start // rows.step), (size - 1 - rows.start) // rows.step + 1
    return rows[max(0, begin) : max(0, end)]


def _border_row(row: int, size: int, border: Border) -> int:
    """The row that padding repeats at this position."""
    if border == "circular":
        return row % size
    if border == "replicate" or size == 1:
        return min(max(row, 0), size - 1)
    return abs(row) if row < size else 2 * (size - 1) - row
