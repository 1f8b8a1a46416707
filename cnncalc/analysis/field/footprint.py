"""The footprint of one output position: exactly which rows of every tensor on the way back it sees, borders included.

Rows are clipped on every map on the way, not only on the image: what a window reads of the padding in the middle of a
network was never pixels. Pixels are kept as boxes, a set of rows for every axis, so that of several ways none invents
rows that another reads elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod

from cnncalc.analysis.field.receptive_field import known
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import UNKNOWN, WHOLE, Axis, Route, Segment, Slide, read
from cnncalc.records import Record

MOST_BOXES = 64
MOST_ROWS = 2_000_000  # that one layer reads along one axis

Rows = frozenset[int] | None  # of one axis, the channels too; None: all
Box = tuple[Rows, ...]


class Footprint(Record):
    """The pixels of one tensor that are seen: the union of `boxes`; `exact` where no more is said than is seen."""

    shape: tuple[int, ...]
    boxes: tuple[Box, ...]
    exact: bool = True

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """Per spatial axis, the rows that are seen, in their order."""
        return tuple(tuple(sorted(self._along(axis))) for axis in range(1, len(self.shape)))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Per spatial axis, the first and the last row."""
        return tuple((rows[0], rows[-1]) for rows in self.rows)

    @property
    def share(self) -> Fraction:
        """The part of the tensor's pixels between the first and the last row of every axis."""
        return prod((Fraction(last - first + 1, n) for (first, last), n in self._ends()), start=Fraction(1))

    def _ends(self) -> Iterable[tuple[tuple[int, int], int]]:
        return zip(self.spans, self.shape[1:], strict=True)

    def _along(self, axis: int) -> set[int]:
        seen: set[int] = set()
        for box in self.boxes:
            rows = box[axis]
            seen.update(range(self.shape[axis]) if rows is None else rows)
        return seen


def footprints(graph: Graph, layer: str, position: Sequence[int]) -> dict[str, Footprint]:
    """What one output position of a layer sees: tensor → footprint, from the layer itself back to the inputs.

    Raises:
        UsageError: sizes are symbolic, there is no such layer, it has no such position, or too many rows are read.
    """
    shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
    shape = _numbers(known(shapes, layer))
    seen = {layer: Footprint(shape, (_start(layer, shape, position),))}
    pending: dict[str, tuple[list[Box], bool]] = {}
    for node in reversed(graph.nodes):
        if node.name in pending:
            boxes, exact = pending.pop(node.name)
            seen[node.name] = _footprint(_numbers(node.output), boxes, exact)
        if node.name in seen:
            _back(node, seen[node.name], pending)
    seen.update((name, _footprint(_numbers(shapes[name]), *found)) for name, found in pending.items())
    return {name: found for name, found in seen.items() if found.boxes}


def _numbers(shape: Shape) -> tuple[int, ...]:
    numbers = tuple(size for size in shape if isinstance(size, int))
    if len(numbers) < len(shape):
        raise UsageError("the field of a position needs numbers: give the symbols values first")
    return numbers


def _start(layer: str, shape: tuple[int, ...], position: Sequence[int]) -> Box:
    sizes = shape[1:]
    inside = len(position) == len(sizes) and all(-n <= i < n for i, n in zip(position, sizes, strict=True))
    if not inside:
        has = f"its map is {'×'.join(map(str, sizes))}" if sizes else "it is a vector"
        raise UsageError(f"{layer} has no position {','.join(map(str, position))}: {has}")
    return (None, *(frozenset((i % n,)) for i, n in zip(position, sizes, strict=True)))


def _back(node: Node, print_: Footprint, pending: dict[str, tuple[list[Box], bool]]) -> None:
    """Pass what is seen of a node's output on to its inputs."""
    for route in node.layer.reading(node.shapes):
        tensor, shape = node.inputs[route.source], _numbers(node.shapes[route.source])
        boxes, exact = pending.get(tensor, ([], True))
        boxes.extend(_boxes(route, print_, shape))
        pending[tensor] = boxes, exact and print_.exact and UNKNOWN not in route.axes


def _boxes(route: Route, seen: Footprint, shape: tuple[int, ...]) -> Iterable[Box]:
    for box in seen.boxes:
        found = tuple(_rows(axis, box, size, seen.shape) for axis, size in zip(route.axes, shape, strict=True))
        if all(rows is None or rows for rows in found):  # a way that reads no row of one axis reads no pixel
            yield found


def _rows(axis: Axis, box: Box, size: int, output: tuple[int, ...]) -> Rows:
    """The rows that those of a box read along one axis."""
    if axis in (WHOLE, UNKNOWN):
        return None
    rows = box[axis.along]
    same = axis.reading == Slide() and size == output[axis.along]
    if rows is None and (same or isinstance(axis.reading, Segment)):
        return None
    found: set[int] = set()
    count = 0
    for row in range(output[axis.along]) if rows is None else rows:
        reads = read(axis, row, size)
        count += 1 + len(reads)
        if count > MOST_ROWS:
            raise UsageError(f"the field of a position is counted row by row: more than {MOST_ROWS:,} rows on the way")
        found.update(reads)
    return None if len(found) == size else frozenset(found)


def _footprint(shape: tuple[int, ...], boxes: list[Box], exact: bool) -> Footprint:
    """The union of boxes, with as few of them as simple means find."""
    few: list[Box] = []
    for box in dict.fromkeys(boxes):
        _add(few, box)
    if len(few) <= MOST_BOXES:
        return Footprint(shape, tuple(few), exact)
    hull = tuple(_either(rows) for rows in zip(*few, strict=True))
    return Footprint(shape, (hull,), exact=False)


def _add(few: list[Box], box: Box) -> None:
    """Add a box: swallowed by another, swallowing others, or joined to one that differs along one axis only."""
    if any(_within(box, other) for other in few):
        return
    few[:] = [other for other in few if not _within(other, box)]
    for place, other in enumerate(few):
        different = [axis for axis, (mine, its) in enumerate(zip(box, other, strict=True)) if mine != its]
        if len(different) == 1:
            (axis,) = different
            few.pop(place)
            _add(few, (*box[:axis], _either((box[axis], other[axis])), *box[axis + 1 :]))
            return
    few.append(box)


def _within(box: Box, other: Box) -> bool:
    return all(its is None or (mine is not None and mine <= its) for mine, its in zip(box, other, strict=True))


def _either(rows: Iterable[Rows]) -> Rows:
    union: frozenset[int] = frozenset()
    for each in rows:
        if each is None:
            return None
        union |= each
    return union
