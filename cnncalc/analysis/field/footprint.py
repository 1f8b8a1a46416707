"""Computes the footprint of one output position: the exact rows that it sees of every tensor back to the inputs.

Rows are clipped to every map on the way, not only to the image, since padding within the network contains no pixels.
Pixels are stored as boxes, a set of rows per axis, so that the union of several paths has no extra pixels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from cnncalc.analysis.field.phases import as_int
from cnncalc.analysis.field.receptive_field import shape_of
from cnncalc.budget import spend
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node, symbols_of
from cnncalc.layers.existing_rows import read
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import PAST, UNKNOWN, WHOLE, Axis, Merged, Route, Segment, Slide, Split
from cnncalc.limits import MOST_ROWS
from cnncalc.records import Record

MOST_BOXES = 64

Rows = frozenset[int] | None  # along one axis (channels included); None: all
Box = tuple[Rows, ...]


class Footprint(Record):
    """The pixels of one tensor that are seen: the union of `boxes`; if not `exact`, a superset of them."""

    shape: tuple[int, ...]
    boxes: tuple[Box, ...]
    exact: bool = True

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """Per spatial axis, the rows that are seen, sorted."""
        return tuple(tuple(sorted(self._along(axis))) for axis in range(1, len(self.shape)))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Per spatial axis, the first and the last row."""
        return tuple((rows[0], rows[-1]) for rows in self.rows)

    @property
    def share(self) -> Fraction:
        """The fraction of the tensor's pixels between the first and the last row of every axis."""
        return prod((Fraction(last - first + 1, n) for (first, last), n in self._ends()), start=Fraction(1))

    def _ends(self) -> Iterable[tuple[tuple[int, int], int]]:
        return zip(self.spans, self.shape[1:], strict=True)

    def _along(self, axis: int) -> set[int]:
        seen: set[int] = set()
        for box in self.boxes:
            rows = box[axis]
            seen.update(range(self.shape[axis]) if rows is None else rows)
        return seen


def footprints(
    graph: Graph, layer: str, position: Sequence[int], without: Collection[str] | None = None
) -> dict[str, Footprint]:
    """Compute what one output position sees: tensor → footprint, from the layer itself back to the inputs.

    Args:
        graph: without symbols.
        layer: the name of a layer or an input.
        position: a row per spatial axis; negative ones count from the end.
        without: layers through which nothing is seen; the statistics of normalizations are then left out too. Without
            the layers that see only the whole input, what is left is the local field.

    Raises:
        UsageError: sizes are symbolic, there is no such layer or position, or too many rows are read.
    """
    shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
    shape = _numeric_shape(shape_of(shapes, layer))
    seen = {layer: Footprint(shape, (_position_box(layer, shape, position),))}
    pending: dict[str, tuple[list[Box], bool]] = {}
    for node in reversed(graph.nodes):
        if node.name in pending:
            boxes, exact = pending.pop(node.name)
            seen[node.name] = _footprint(_numeric_shape(node.output), boxes, exact)
        if node.name in seen and node.name not in (without or ()):
            _require_numbers(symbols_of(node))
            _propagate(node, seen[node.name], pending, local=without is not None)
    seen.update((name, _footprint(_numeric_shape(shapes[name]), *footprint)) for name, footprint in pending.items())
    return {name: footprint for name, footprint in seen.items() if footprint.boxes}


def _numeric_shape(shape: Shape) -> tuple[int, ...]:
    numbers = tuple(size for size in shape if isinstance(size, int))
    _require_numbers(() if len(numbers) == len(shape) else shape)
    return numbers


def _require_numbers(symbolic: Collection[object]) -> None:
    if symbolic:
        raise UsageError("the field of a position needs numbers: give the symbols values first")


def _position_box(layer: str, shape: tuple[int, ...], position: Sequence[int]) -> Box:
    sizes = shape[1:]
    inside = len(position) == len(sizes) and all(-n <= i < n for i, n in zip(position, sizes, strict=True))
    if not inside:
        has = f"its map is {'×'.join(map(str, sizes))}" if sizes else "it is a vector"
        raise UsageError(f"{layer} has no position {','.join(map(str, position))}: {has}")
    return (None, *(frozenset((i % n,)) for i, n in zip(position, sizes, strict=True)))


def _propagate(node: Node, footprint: Footprint, pending: dict[str, tuple[list[Box], bool]], local: bool) -> None:
    """Propagate the footprint of a node's output to its inputs."""
    for route in node.layer.reading(node.shapes):
        if local and is_statistic(node, route):
            continue
        tensor, shape = node.inputs[route.source], _numeric_shape(node.shapes[route.source])
        boxes, exact = pending.get(tensor, ([], True))
        seen = _apart(route, footprint)
        boxes.extend(_boxes(route, seen, shape))
        pending[tensor] = boxes, exact and seen.exact and UNKNOWN not in route.axes


def _apart(route: Route, seen: Footprint) -> Footprint:
    """The footprint with a box for every position of an axis on which several were flattened; too many stay together.

    Its positions 13 and 14 may be (0, 13) and (1, 0): as a product of rows and columns, they would be four.
    """
    flattened = {axis.along for axis in route.axes if isinstance(axis.reading, Merged)}
    boxes, exact = seen.boxes, seen.exact
    for along in flattened:
        apart = [
            (*box[:along], None if row is None else frozenset((row,)), *box[along + 1 :])
            for box in boxes
            for row in (box[along] or (None,))
        ]
        boxes, exact = (tuple(apart), exact) if len(apart) <= MOST_BOXES else (boxes, False)
    return Footprint(seen.shape, boxes, exact)


def is_statistic(node: Node, route: Route) -> bool:
    """Whether a layer reads whole maps along this route for a statistic by which it normalizes."""
    return node.layer.normalizes and set(route.axes[1:]) == {WHOLE}


def _boxes(route: Route, seen: Footprint, shape: tuple[int, ...]) -> Iterable[Box]:
    for box in seen.boxes:
        box_rows = tuple(_rows(axis, box, size, seen.shape) for axis, size in zip(route.axes, shape, strict=True))
        if all(rows is None or rows for rows in box_rows):  # a path that reads no row along one axis reads no pixel
            yield box_rows


def _rows(axis: Axis, box: Box, size: int, output: tuple[int, ...]) -> Rows:
    """The rows along one axis that the rows of a box read."""
    if axis in (WHOLE, UNKNOWN):
        return None
    if isinstance(axis.reading, Split):
        return _rows_together(axis.reading, box[axis.along : axis.along + len(axis.reading.sizes)], size)
    rows = box[axis.along]
    same = axis.reading == Slide() and size == output[axis.along]
    if rows is None and (same or axis.reading == PAST or isinstance(axis.reading, Segment)):
        return None
    if rows and axis.reading == PAST:  # the last of them reads what the others read
        rows = frozenset((max(rows),))
    rows_read: set[int] = set()
    count = 0
    for row in range(output[axis.along]) if rows is None else rows:
        reads = read(axis, row, size)
        count += 1 + len(reads)
        if count > MOST_ROWS:
            raise UsageError(f"the field of a position is counted row by row: more than {MOST_ROWS:,} rows on the way")
        rows_read.update(reads)
    spend(count // 4, "the rows that a position reads")
    return None if len(rows_read) == size else frozenset(rows_read)


def _rows_together(split: Split, box: Box, size: int) -> Rows:
    """The rows of an axis that the rows of all axes into which it is split read."""
    if all(rows is None for rows in box):
        return None
    sums = {0}
    for rows, place in zip(box, split.places, strict=True):
        steps: Any = range(as_int(place.size)) if rows is None else rows
        spend(len(sums) * len(steps) // 4, "the rows that a position reads")
        sums = {each + step * as_int(place.inner) for each in sums for step in steps}
    return None if len(sums) == size else frozenset(sums)


def _footprint(shape: tuple[int, ...], boxes: list[Box], exact: bool) -> Footprint:
    """Build the union of boxes, merged where that is simple."""
    few: list[Box] = []
    for box in dict.fromkeys(boxes):
        _add(few, box)
    if len(few) <= MOST_BOXES:
        return Footprint(shape, tuple(few), exact)
    hull = tuple(_union_rows(rows) for rows in zip(*few, strict=True))
    return Footprint(shape, (hull,), exact=False)


def _add(few: list[Box], box: Box) -> None:
    """Add a box: drop contained boxes, and merge boxes that differ along only one axis."""
    if any(_is_within(box, other) for other in few):
        return
    few[:] = [other for other in few if not _is_within(other, box)]
    for place, other in enumerate(few):
        different = [axis for axis, (mine, its) in enumerate(zip(box, other, strict=True)) if mine != its]
        if len(different) == 1:
            (axis,) = different
            few.pop(place)
            _add(few, (*box[:axis], _union_rows((box[axis], other[axis])), *box[axis + 1 :]))
            return
    few.append(box)


def _is_within(box: Box, other: Box) -> bool:
    return all(its is None or (mine is not None and mine <= its) for mine, its in zip(box, other, strict=True))


def _union_rows(rows: Iterable[Rows]) -> Rows:
    union: frozenset[int] = frozenset()
    for each in rows:
        if each is None:
            return None
        union |= each
    return union
