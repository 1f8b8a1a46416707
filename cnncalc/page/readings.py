"""How a layer reads its inputs (`cnncalc/layers/reading.py`), as data with closed forms.

The analysis of fields needs numbers for what is resampled, divided into parts or joined along an axis, and calls it
unknown where a symbol decides. The page evaluates every form before it follows a field, so it gets the sizes instead.
A route is `[input, axis, …]`; an axis is "whole", "unknown" or `[type, output axis, …]`:

    ["slide", along, kernel, stride, low, dilation, border]    ["spread", along, kernel, stride, low, dilation]
    ["resample", along, advance, period, kernel]               ["resize", along, size, out, kernel, reach]
    ["filtered", along, advance, period, reach]                ["parts", along, size, count]
    ["blocks", along, size, low]                               ["every", along, step, size]
    ["segment", along, offset, size]                           ["merged", along, inner, size]
    ["past", along]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from cnncalc.graph import Node
from cnncalc.layers.attention import Attention
from cnncalc.layers.heads import heads_of
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import PAST, UNKNOWN, WHOLE, Axis, Route, Routes
from cnncalc.layers.resizing import Upsample
from cnncalc.layers.routes import KERNELS
from cnncalc.layers.shapes import dimension
from cnncalc.page.tables import Tables
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Expr

AxisRecord = str | list[Any]
Rule = Callable[[Tables, Node, Routes], list[list[Any]]]


def routes_record(tables: Tables, node: Node) -> list[list[Any]]:
    """The routes of a layer; an axis is "unknown" only if no closed form says what is read along it."""
    rule = _RULES.get(node.kind)
    if isinstance(node.layer, Attention) and node.layer.local is not None:
        return _attended(tables, node)
    routes = node.layer.reading(node.shapes)
    if rule and any(UNKNOWN in route.axes for route in routes):
        return rule(tables, node, routes)
    return [_route(tables, route) for route in routes]


def _route(tables: Tables, route: Route) -> list[Any]:
    return [route.source, *(_axis(tables, axis) for axis in route.axes)]


def _axis(tables: Tables, axis: Axis) -> AxisRecord:
    if axis == WHOLE:
        return "whole"
    if axis.reading is None:
        return "unknown"
    if axis.reading == PAST:
        return ["past", axis.along]
    values: Iterable[Any] = axis.reading
    name = type(axis.reading).__name__.lower()
    if name in ("segment", "merged"):
        values = tuple(axis.reading)[:2]  # their period is 0
    numbers = [tables.size(value) if isinstance(value, int | Expr) else value for value in values]
    return [name, axis.along, *numbers]


def _with_axes(tables: Tables, routes: Routes, known: Callable[[int], AxisRecord]) -> list[list[Any]]:
    """The routes with each unknown axis replaced by what is known of it."""
    return [
        [route.source, *(known(i) if axis == UNKNOWN else _axis(tables, axis) for i, axis in enumerate(route.axes))]
        for route in routes
    ]


def _parts(tables: Tables, node: Node, routes: Routes) -> list[list[Any]]:
    (shape,) = node.shapes
    return _with_axes(tables, routes, lambda i: ["parts", i, tables.size(shape[i]), tables.size(node.output[i])])


def _resized(tables: Tables, node: Node, routes: Routes) -> list[list[Any]]:
    layer = node.layer
    assert isinstance(layer, Upsample)
    shape = node.shapes[0]
    if layer.mode == "area":
        return _with_axes(tables, routes, lambda i: ["parts", i, tables.size(shape[i]), tables.size(node.output[i])])
    if layer.scale_factor is not None and not layer.align_corners:
        return [_route(tables, route) for route in routes]
    kernel = KERNELS[layer.mode, bool(layer.align_corners)]
    reach = 0 if not layer.antialias else 2 if layer.mode == "bicubic" else 1
    return _with_axes(
        tables, routes, lambda i: ["resize", i, tables.size(shape[i]), tables.size(node.output[i]), kernel, reach]
    )


def _flattened(tables: Tables, node: Node, routes: Routes) -> list[list[Any]]:
    shape = node.shapes[0]
    start = dimension(node.kind, node.layer.__dict__["start_dim"], shape)
    end = dimension(node.kind, node.layer.__dict__["end_dim"], shape)

    def merged(i: int) -> AxisRecord:
        inner = tables.size(numel(shape[i + 1 : end + 1]))
        return ["merged", start, inner, tables.size(shape[i])]

    return _with_axes(tables, routes, merged)


def _joined(tables: Tables, shapes: Sequence[Shape], routes: Routes, axis: int) -> list[list[Any]]:
    begins = list(accumulate((shape[axis] for shape in shapes), initial=0))
    return [
        [
            route.source,
            *(
                ["segment", i, tables.size(begins[place]), tables.size(shapes[place][i])]
                if i == axis
                else _axis(tables, each)
                for i, each in enumerate(route.axes)
            ),
        ]
        for place, route in enumerate(routes)
    ]


def _concatenated(tables: Tables, node: Node, routes: Routes) -> list[list[Any]]:
    return _joined(tables, node.shapes, routes, dimension(node.kind, node.layer.__dict__["dim"], node.shapes[0]))


def _behind_a_parameter(tables: Tables, node: Node, routes: Routes) -> list[list[Any]]:
    """A learned tensor in front of the input: the class token."""
    shape = node.shapes[0]
    before = [out - size for out, size in zip(node.output, shape, strict=True)]
    return _with_axes(tables, routes, lambda i: ["segment", i, tables.size(before[i]), tables.size(shape[i])])


def _attended(tables: Tables, node: Node) -> list[list[Any]]:
    """Attention within windows, or among positions that lie evenly apart: their number may depend on a symbol."""
    layer = node.layer
    assert isinstance(layer, Attention)
    assert layer.local is not None
    heads = heads_of(layer, node.shapes)
    tensors = len(node.shapes) - (layer.attn_mask is not None)
    rank = len(heads.sizes)
    own = [["slide", axis, *map(tables.size, (1, 1, 0, 1)), "clip"] for axis in range(1, rank + 1)]
    if layer.local[0] == "window":
        starts = layer.shifts(heads)
        pairs = zip(heads.extents, starts, strict=True)
        keys = [["blocks", i, *map(tables.size, pair)] for i, pair in enumerate(pairs, 1)]
    else:
        pairs = zip(heads.groups, heads.key_sizes, strict=True)
        keys = [["every", i, *map(tables.size, pair)] for i, pair in enumerate(pairs, 1)]
    records: list[list[Any]] = [[0, "whole", *own]]
    records += [[source, "whole", *keys] for source in range(tensors > 1, tensors)]
    if layer.attn_mask is not None:
        records.append([len(node.shapes) - 1, *["whole"] * len(node.shapes[-1])])
    return records


_RULES: dict[str, Rule] = {
    "adaptive_avgpool": _parts,
    "adaptive_maxpool": _parts,
    "concat": _concatenated,
    "flatten": _flattened,
    "parameter": _behind_a_parameter,
    "upsample": _resized,
}
