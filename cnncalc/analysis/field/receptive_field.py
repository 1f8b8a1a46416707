"""Computes receptive fields: the rows of a network input, or of any layer's output, that the output of a layer sees.

The graph is walked once in execution order, and every distinct composition is computed once. The results hold away from
borders; `footprint` computes single output positions exactly. The integer form per axis is defined in `phases`;
`extent` converts it to size, stride, padding and centre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod

from cnncalc.analysis.field.axis_field import (
    NOTHING,
    AxisField,
    Through,
    compose_axes,
    identity_field,
    is_plain,
    name_joint,
    unite,
)
from cnncalc.analysis.field.extent import Extent, extent_of
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Layer, Shape
from cnncalc.layers.reading import Axis, Route, Routes
from cnncalc.layers.routes import row_by_row
from cnncalc.records import Record
from cnncalc.suggest import no_layer
from cnncalc.symbolic import Size

TensorField = tuple[AxisField, ...]  # one per spatial axis of the tensor that is seen


class ReceptiveField(Record):
    """The field in one tensor: an `Extent` per spatial axis.

    Size, stride, padding and centre are those of the local field, which moves with the position. A gate, such as that
    of squeeze-and-excite, sees the whole tensor beside it: it leaves them as they are; `whole` and `through` say so.
    """

    axes: tuple[Extent, ...]

    @property
    def size(self) -> tuple[Size | None, ...]:
        """The size per axis, in rows."""
        return tuple(axis.size for axis in self.axes)

    @property
    def stride(self) -> tuple[Size | Fraction | None, ...]:
        """Effective stride per axis: rows from the field of one output row to that of the next."""
        return tuple(axis.stride for axis in self.axes)

    @property
    def padding(self) -> tuple[Size | None, ...]:
        """Effective padding per axis: rows of the first field before the start of the tensor."""
        return tuple(axis.padding for axis in self.axes)

    @property
    def centre(self) -> tuple[Fraction | None, ...]:
        """The centre of the first field per axis, in rows from 0."""
        return tuple(axis.centre for axis in self.axes)

    @property
    def whole(self) -> bool:
        """Whether a path sees the whole tensor."""
        return all(axis.whole for axis in self.axes)

    @property
    def only_whole(self) -> bool:
        """Whether every position sees the whole tensor, and nothing moves."""
        return all(axis.only_whole for axis in self.axes)

    @property
    def through(self) -> Through:
        """Through what the whole of an axis is seen beside the local field; "" if nothing joins them."""
        return next((axis.through for axis in self.axes if axis.through), "")

    @property
    def aligned(self) -> bool | None:
        """Whether all paths have equal stride and centre; None if that depends on a symbol, or nothing moves."""
        verdicts = [axis.aligned for axis in self.axes if not axis.only_whole]
        return False if False in verdicts else None if None in verdicts or not verdicts else True

    @property
    def share(self) -> Fraction | None:
        """The fraction of the tensor's pixels that a field covers, ignoring borders; None with symbols."""
        shares = [axis.share for axis in self.axes]
        return None if None in shares else prod((share for share in shares if share is not None), start=Fraction(1))

    @property
    def exceeds(self) -> bool:
        """Whether the field is larger than the tensor on every axis."""
        return all(axis.exceeds for axis in self.axes)


Fields = dict[str, ReceptiveField]  # name of the tensor that is seen → field; tensors that are not seen are omitted


def receptive_fields(graph: Graph, to: Iterable[str] | None = None) -> dict[str, Fields]:
    """Compute layer → tensor seen → field, in the network inputs, or in the tensors named in `to`.

    Raises:
        UsageError: there is no such tensor.
    """
    outputs = {node.name: node.output for node in graph.nodes}
    shapes: Mapping[str, Shape] = {**graph.inputs, **outputs}
    seen = {name: shape_of(shapes, name) for name in (graph.inputs if to is None else to)}
    walk = _Walk(seen)
    return {node.name: walk.describe(walk.node(node), node.output) for node in graph.nodes}


def shape_of(shapes: Mapping[str, Shape], name: str) -> Shape:
    """Return the shape of a tensor.

    Raises:
        UsageError: there is no such tensor.
    """
    if name not in shapes:
        raise UsageError(no_layer(name, shapes))
    return shapes[name]


class _Walk:
    """Composes fields edge by edge, and stores the fields of every tensor."""

    def __init__(self, seen: Mapping[str, Shape]) -> None:
        self._seen = seen
        self._fields: dict[str, dict[str, TensorField]] = {}
        self._starts = {name: tuple(map(identity_field, range(1, len(shape)))) for name, shape in seen.items()}
        self._routes: dict[object, Routes] = {}
        self._compositions: dict[tuple[TensorField, tuple[Axis, ...], Shape], TensorField] = {}
        self._unions: dict[tuple[TensorField, ...], TensorField] = {}
        self._extents: dict[object, Extent] = {}  # of single moving parts: the axes of a map are mostly equal
        # By the identity of a field, which stays referenced.
        self._described: dict[tuple[str, int, Shape], ReceptiveField] = {}

    def node(self, node: Node) -> dict[str, TensorField]:
        """Compute the fields of a node's output from those of its inputs."""
        routes = self._routes_of(node)
        if len(routes) == 1:
            (route,) = routes
            seen = self._fields_of(node.inputs[route.source])
            output = node.output
            self._fields[node.name] = only = {name: self._compose(field, route, output) for name, field in seen.items()}
            return only
        paths: dict[str, dict[TensorField, None]] = {}
        for route in routes:
            for name, field in self._fields_of(node.inputs[route.source]).items():
                paths.setdefault(name, {})[self._compose(field, route, node.output)] = None
        united = {name: self._unite(tuple(each)) for name, each in paths.items()}
        self._fields[node.name] = fields = {name: _name_joints(field, node) for name, field in united.items()}
        return fields

    def describe(self, fields: Mapping[str, TensorField], output: Shape) -> Fields:
        """Convert fields to receptive fields; tensors that are not seen are omitted."""
        return {name: self._describe(name, field, output) for name, field in fields.items() if NOTHING not in field}

    def _describe(self, name: str, field: TensorField, output: Shape) -> ReceptiveField:
        key = (name, id(field), output)
        described = self._described.get(key)
        if described is None:
            images = self._seen[name][1:]
            axes = tuple(self._extent(axis, image, output) for axis, image in zip(field, images, strict=True))
            described = self._described[key] = ReceptiveField(axes)
        return described

    def _extent(self, field: AxisField, image: Size, output: Shape) -> Extent:
        parts = field.parts
        if len(parts) != 1 or parts[0].along < 1:
            return extent_of(field, image, output)
        key = (parts[0], field[1:], image)
        extent = self._extents.get(key)
        if extent is None:
            extent = self._extents[key] = extent_of(field, image, output)
        return extent

    def _fields_of(self, tensor: str) -> dict[str, TensorField]:
        """The fields of a tensor, including itself if it is one of the tensors seen."""
        fields = self._fields.get(tensor, {})
        return {**fields, tensor: self._starts[tensor]} if tensor in self._starts else fields

    def _routes_of(self, node: Node) -> Routes:
        key = (id(node.layer), node.shapes)  # the graph keeps its layers
        routes = self._routes.get(key)
        if routes is None:
            routes = self._routes[key] = node.layer.reading(node.shapes)
        return routes

    def _compose(self, field: TensorField, route: Route, output: Shape) -> TensorField:
        if route.axes == row_by_row(len(route.axes)) and all(map(is_plain, field)):
            return field  # row by row
        key = (field, route.axes, output)
        composed = self._compositions.get(key)
        if composed is None:
            composed = self._compositions[key] = _complete(compose_axes(axis, route.axes, output) for axis in field)
        return composed

    def _unite(self, paths: tuple[TensorField, ...]) -> TensorField:
        if len(paths) == 1:
            return paths[0]
        union = self._unions.get(paths)
        if union is None:
            union = self._unions[paths] = tuple(map(unite, zip(*paths, strict=True)))
        return union


def _name_joints(field: TensorField, node: Node) -> TensorField:
    """The field after a layer at which paths meet, with the name of what joins a local field with the whole axis."""
    if not any(axis.whole and axis.parts and not axis.through for axis in field):
        return field
    through = joint_of(node.layer)
    return tuple(name_joint(axis, through) for axis in field)


def joint_of(layer: Layer) -> Through:
    """What a layer at which paths meet joins a local field with the whole axis by."""
    if layer.attends:
        return "attention"
    if layer.broadcasts and not layer.linear:
        return "a gate"
    return "a normalization" if layer.normalizes else "another path"


def _complete(axes: Iterable[AxisField]) -> TensorField:
    """A path that reads nothing along one axis reads nothing at all."""
    field = tuple(axes)
    return (NOTHING,) * len(field) if any(axis.is_empty for axis in field) else field
