"""How a layer reads its inputs (`cnncalc/layers/reading.py`), as data with closed forms.

The analysis of fields needs numbers for what is resampled, divided into parts or joined along an axis, and calls it
unknown where a symbol decides. The page evaluates every form before it follows a field (`rows.js`).
A route is `[input, axis, …]`; an axis is "whole", "unknown" or `[type, output axis, …]`:

    ["slide", along, kernel, stride, low, dilation, border]    ["spread", along, kernel, stride, low, dilation]
    ["resample", along, advance, period, kernel]               ["filtered", along, advance, period, reach]
    ["parts", along, advance, period]                          ["blocks", along, size, low]
    ["every", along, step, size]                               ["segment", along, offset, size]
    ["merged", along, inner, size]                             ["split", first of its axes, [size, …]]
    ["listed", along, [row, …]]                                ["past", along]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.graph import Node
from cnncalc.layers.reading import PAST, WHOLE, Axis, Listed, Split
from cnncalc.page.tables import Tables
from cnncalc.symbolic import Expr

AxisRecord = str | list[Any]


def routes_record(tables: Tables, node: Node) -> list[list[Any]]:
    """The routes of a layer; an axis is "unknown" only if no closed form says what is read along it."""
    return [[source, *(_axis(tables, axis) for axis in axes)] for source, axes in node.layer.reading(node.shapes)]


def _axis(tables: Tables, axis: Axis) -> AxisRecord:
    if axis == WHOLE:
        return "whole"
    if axis.reading is None:
        return "unknown"
    if axis.reading == PAST:
        return ["past", axis.along]
    if isinstance(axis.reading, Listed):
        return ["listed", axis.along, tables.sizes(axis.reading.listed)]
    if isinstance(axis.reading, Split):
        return ["split", axis.along, tables.sizes(axis.reading.sizes)]
    values: Iterable[Any] = axis.reading
    name = type(axis.reading).__name__.lower()
    if name in ("segment", "merged"):
        values = tuple(axis.reading)[:2]  # their period is 0
    numbers = [tables.size(value) if isinstance(value, int | Expr) else value for value in values]
    return [name, axis.along, *numbers]
