"""Receptive fields: which rows of every network input, or of any layer's output, the output of a layer sees.

One walk over the graph in the order of execution; every edge is composed once, the same composition only once. What is
said holds where no border clips: `footprint` answers for one output position. Per axis the integer form is that of
`phases`; here it becomes the field's own words: size, stride, padding, centre (Araujo, Norris, Sim, Distill 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod

from cnncalc.analysis.field.axis_field import NOTHING, AxisField, read_through, source, united
from cnncalc.analysis.field.phases import greatest, least, number
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.reading import Axis, Route, Routes
from cnncalc.layers.routes import row_by_row
from cnncalc.records import Record
from cnncalc.suggest import with_suggestion
from cnncalc.symbolic import Size, Undecidable

TensorField = tuple[AxisField, ...]  # one per spatial axis of the tensor that is seen


class Extent(Record):
    """The field along one axis, in rows of the tensor that is seen; None where a figure depends on input or position.

    Output row i reads stride·i − padding … stride·i − padding + size − 1, centred at stride·i + centre. Of several
    `phases` (a, b), None where nothing is read, the size is the largest; padding and centre are the first's.
    """

    image: Size  # the rows that there are
    size: Size | None
    stride: Size | Fraction | None
    padding: Size | None
    centre: Fraction | None
    whole: bool  # a way sees all rows; where stride is not None, beside this field
    known: bool = True
    aligned: bool | None = None
    phases: tuple[tuple[Size, Size] | None, ...] = ()

    @property
    def only_whole(self) -> bool:
        """Whether nothing moves with the position."""
        return self.whole and self.known and not self.phases

    @property
    def share(self) -> Fraction | None:
        """The part of the axis that the field covers; None with symbols."""
        if self.only_whole:
            return Fraction(1)
        if not isinstance(self.size, int) or not isinstance(self.image, int):
            return None
        return Fraction(min(self.size, self.image), self.image)

    @property
    def exceeds(self) -> bool:
        """Whether the field is larger than the axis, or all of it for every position."""
        larger = isinstance(self.size, int) and isinstance(self.image, int) and self.size > self.image
        return self.only_whole or larger


class ReceptiveField(Record):
    """What one tensor is seen of: an `Extent` per spatial axis."""

    axes: tuple[Extent, ...]

    @property
    def size(self) -> tuple[Size | None, ...]:
        """Rows per axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def stride(self) -> tuple[Size | Fraction | None, ...]:
        """Effective stride per axis: rows from one output row's field to the next."""
        return tuple(axis.stride for axis in self.axes)

    @property
    def padding(self) -> tuple[Size | None, ...]:
        """Effective padding per axis: rows of the first field that lie before the tensor."""
        return tuple(axis.padding for axis in self.axes)

    @property
    def centre(self) -> tuple[Fraction | None, ...]:
        """The middle of the first field per axis, in rows from 0."""
        return tuple(axis.centre for axis in self.axes)

    @property
    def whole(self) -> bool:
        """Whether a way sees all of the tensor."""
        return all(axis.whole for axis in self.axes)

    @property
    def only_whole(self) -> bool:
        """Whether every position sees all of the tensor, and nothing moves with it."""
        return all(axis.only_whole for axis in self.axes)

    @property
    def aligned(self) -> bool | None:
        """Whether all ways have one stride and one centre; None where that depends on a symbol, or nothing moves."""
        found = [axis.aligned for axis in self.axes if not axis.only_whole]
        return False if False in found else None if None in found or not found else True

    @property
    def share(self) -> Fraction | None:
        """The part of the tensor's pixels that a field covers, borders aside; None with symbols."""
        shares = [axis.share for axis in self.axes]
        return None if None in shares else prod((share for share in shares if share is not None), start=Fraction(1))

    @property
    def exceeds(self) -> bool:
        """Whether the field is larger than the tensor on every axis."""
        return all(axis.exceeds for axis in self.axes)


Fields = dict[str, ReceptiveField]  # by the name of the tensor that is seen; tensors that are not seen are left out


def receptive_fields(graph: Graph, to: Iterable[str] | None = None) -> dict[str, Fields]:
    """The fields of all layers: layer → tensor seen → field; of the network inputs, or of the tensors named in `to`.

    Raises:
        UsageError: no such tensor.
    """
    outputs = {node.name: node.output for node in graph.nodes}
    shapes: Mapping[str, Shape] = {**graph.inputs, **outputs}
    seen = {name: known(shapes, name) for name in (graph.inputs if to is None else to)}
    walk = _Walk(seen)
    return {node.name: walk.described(walk.node(node), node.output) for node in graph.nodes}


def known(shapes: Mapping[str, Shape], name: str) -> Shape:
    """The shape of a tensor.

    Raises:
        UsageError: no such tensor.
    """
    if name not in shapes:
        raise UsageError(with_suggestion(f"no layer named '{name}'", name, shapes))
    return shapes[name]


class _Walk:
    """Composes edge by edge; keeps the fields of every tensor, by the tensor seen."""

    def __init__(self, seen: Mapping[str, Shape]) -> None:
        self._seen = seen
        self._fields: dict[str, dict[str, TensorField]] = {}
        self._starts = {name: tuple(map(source, range(1, len(shape)))) for name, shape in seen.items()}
        self._routes: dict[object, Routes] = {}
        self._through: dict[tuple[TensorField, tuple[Axis, ...]], TensorField] = {}
        self._united: dict[tuple[TensorField, ...], TensorField] = {}
        self._extents: dict[object, Extent] = {}  # of what moves alone: the axes of a map are mostly alike
        self._words: dict[tuple[str, int, Shape], ReceptiveField] = {}  # by the identity of a field, which is kept

    def node(self, node: Node) -> dict[str, TensorField]:
        """The fields of a node's output, from those of its inputs."""
        routes = self._routes_of(node)
        if len(routes) == 1:
            (route,) = routes
            seen = self._of(node.inputs[route.source])
            self._fields[node.name] = only = {name: self._composed(field, route) for name, field in seen.items()}
            return only
        ways: dict[str, dict[TensorField, None]] = {}
        for route in routes:
            for name, field in self._of(node.inputs[route.source]).items():
                ways.setdefault(name, {})[self._composed(field, route)] = None
        self._fields[node.name] = found = {name: self._union(tuple(each)) for name, each in ways.items()}
        return found

    def described(self, fields: Mapping[str, TensorField], output: Shape) -> Fields:
        """The words for what is seen; a tensor of which nothing is seen is left out."""
        return {name: self._described(name, field, output) for name, field in fields.items() if NOTHING not in field}

    def _described(self, name: str, field: TensorField, output: Shape) -> ReceptiveField:
        key = (name, id(field), output)
        found = self._words.get(key)
        if found is None:
            images = self._seen[name][1:]
            axes = tuple(self._extent(axis, image, output) for axis, image in zip(field, images, strict=True))
            found = self._words[key] = ReceptiveField(axes)
        return found

    def _extent(self, field: AxisField, image: Size, output: Shape) -> Extent:
        parts = field.parts
        if len(parts) != 1 or parts[0].along < 1:
            return _extent(field, image, output)
        key = (parts[0].field, field[1:], image)
        found = self._extents.get(key)
        if found is None:
            found = self._extents[key] = _extent(field, image, output)
        return found

    def _of(self, tensor: str) -> dict[str, TensorField]:
        """The fields of a tensor; of itself too, where it is one that is seen."""
        fields = self._fields.get(tensor, {})
        return {**fields, tensor: self._starts[tensor]} if tensor in self._starts else fields

    def _routes_of(self, node: Node) -> Routes:
        key = (id(node.layer), node.shapes)  # the graph keeps its layers
        found = self._routes.get(key)
        if found is None:
            found = self._routes[key] = node.layer.reading(node.shapes)
        return found

    def _composed(self, field: TensorField, route: Route) -> TensorField:
        if route.axes == row_by_row(len(route.axes)) and all(axis.parts for axis in field):
            return field  # row by row
        key = (field, route.axes)
        found = self._through.get(key)
        if found is None:
            found = self._through[key] = _complete(read_through(axis, route.axes) for axis in field)
        return found

    def _union(self, ways: tuple[TensorField, ...]) -> TensorField:
        if len(ways) == 1:
            return ways[0]
        found = self._united.get(ways)
        if found is None:
            found = self._united[ways] = tuple(map(united, zip(*ways, strict=True)))
        return found


def _complete(axes: Iterable[AxisField]) -> TensorField:
    """A way that reads nothing along one axis reads nothing at all."""
    field = tuple(axes)
    return (NOTHING,) * len(field) if any(axis.nothing for axis in field) else field


def _extent(field: AxisField, image: Size, output: Shape) -> Extent:
    parts = [part for part in field.parts if part.along > 0]
    whole = field.whole or len(parts) < len(field.parts)  # what moves with the channel is seen by all of them together
    if not field.known:
        return Extent(image, None, None, None, None, whole, known=False)
    if not parts:
        return Extent(image, image, None, None, None, whole)
    if len(parts) > 1:
        size = _middle_size(field, output)
        return Extent(image, size, None, None, None, whole, aligned=field.aligned, phases=(None,))
    moving = parts[0].field
    low, high = moving.first
    centre = low + high
    middle = Fraction(centre, 2) if isinstance(centre, int) else None
    return Extent(image, moving.size, moving.stride, -low, middle, whole, True, field.aligned, moving.phases)


def _middle_size(field: AxisField, output: Shape) -> Size | None:
    """Of fields with unequal strides, the size of the union for the output in the middle; None with symbols."""
    lows, highs = [], []
    for along, moving in field.parts:
        count = output[along]
        rows = moving.rows((number(count) - 1) // 2) if isinstance(count, int) else None
        if rows is None:
            return None
        lows.append(rows[0])
        highs.append(rows[1])
    try:
        return greatest(highs) - least(lows) + 1
    except Undecidable:
        return None
