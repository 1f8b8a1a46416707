"""Solves one layer for an output size: the paddings, kernels and strides that give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cnncalc.errors import LayerError, UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.layer import Layer, Shape
from cnncalc.records import Record
from cnncalc.symbolic import Relation

MOST_TRIED = 4096
SMALL_KERNELS, SMALL_STRIDES = range(1, 12), range(1, 9)


class Choice(Record):
    """Fields that give the target size on every axis, and whether the stride then fits (None: not a sliding layer).

    The value of a field is one number for all axes, or one per axis.
    """

    changes: tuple[tuple[str, int | tuple[int, ...]], ...]
    fits: bool | None


def solve_layer(graph: Graph, name: str, target: tuple[int, ...]) -> list[Choice]:
    """The choices that give `target` (one size, or one per axis): single fields first, then combinations.

    Combinations are limited to those that fit exactly, with small kernels padded by at most half their size, and
    are sorted by their distance from the current fields.

    Raises:
        UsageError: the layer does not exist, has no kernel, stride or padding, or the target does not match its axes.
    """
    node = _node(graph, name)
    target = _target_sizes(node, target)
    fields = [field for field in ("padding", "kernel_size", "stride") if field in node.layer.arguments]
    if not fields:
        raise UsageError(f"{name} is a {node.kind}: it has no kernel, stride or padding to solve for")
    choices = [
        choice for field in fields for choice in _vary_one(node, field, target) or _vary_axes(node, field, target)
    ]
    together = [c for c in _vary_together(node, fields, target) if c.fits is not False and _distance(node, c)[0] > 1]
    return choices + sorted(together, key=lambda choice: _distance(node, choice))


def _node(graph: Graph, name: str) -> Node:
    from cnncalc.suggest import no_layer

    for node in graph.nodes:
        if node.name == name:
            if all(isinstance(size, int) for shape in node.shapes for size in shape):
                return node
            raise UsageError(f"{name} reads {node.shapes[0]}: give the symbols values first (--at H=224)")
    raise UsageError(no_layer(name, [node.name for node in graph.nodes]))


def _target_sizes(node: Node, target: tuple[int, ...]) -> tuple[int, ...]:
    rank = len(node.output) - 1
    if len(target) not in (1, rank):
        raise UsageError(f"{node.name} has {rank} spatial axes, but --output has {len(target)} sizes")
    return target * rank if len(target) == 1 else target


def _vary_one(node: Node, field: str, wanted: tuple[int, ...]) -> list[Choice]:
    """The choices that change one field, to the same value on all axes."""
    return [choice for value in _range(node, field, wanted) for choice in _try_changes(node, {field: value}, wanted)]


def _vary_axes(node: Node, field: str, wanted: tuple[int, ...]) -> list[Choice]:
    """The choice with a separate value per axis: one that fits exactly, else the nearest to the current one."""
    chosen: list[int] = []
    for axis, size in enumerate(wanted):
        tried = [
            (value, fits) for value in _range(node, field, wanted) for fits in _fits(node, field, value, axis, size)
        ]
        if not tried:
            return []
        exact = [value for value, fits in tried if fits is not False]
        chosen.append(min(exact or [value for value, _ in tried], key=lambda value: abs(value - _current(node, field))))
    return list(_try_changes(node, {field: tuple(chosen)}, wanted))


def _range(node: Node, field: str, wanted: tuple[int, ...]) -> range:
    largest = max(int(size) for size in (*node.shapes[0][1:], *wanted)) + 1  # type: ignore[arg-type]
    return range(0 if field == "padding" else 1, min(largest, MOST_TRIED) + 1)


def _fits(node: Node, field: str, value: int, axis: int, size: int) -> Iterator[bool | None]:
    """Whether the stride fits along one axis with this value; yields nothing if the output size is another."""
    values = _values(node)
    entry = (value, value) if field == "padding" else value
    now = values[field]
    current = list(now) if isinstance(now, tuple) else [(0, 0)] * (len(node.output) - 1)
    layer = type(node.layer)(**{**values, field: (*current[:axis], entry, *current[axis + 1 :])})
    out = _output(layer, node.shapes)
    if out is not None and out[axis + 1] == size:
        windows = layer.windows(node.shapes)
        yield windows[axis].leftover == 0 if windows else None


def _vary_together(node: Node, fields: list[str], wanted: tuple[int, ...]) -> Iterator[Choice]:
    """Choices with small kernels, padded by at most half their size."""
    for stride in SMALL_STRIDES if "stride" in fields else (None,):
        for kernel in SMALL_KERNELS if "kernel_size" in fields else (None,):
            for padding in range((kernel or 1) // 2 + 1) if "padding" in fields else (None,):
                changes = {"padding": padding, "kernel_size": kernel, "stride": stride}
                yield from _try_changes(node, {f: v for f, v in changes.items() if v is not None}, wanted)


def _distance(node: Node, choice: Choice) -> tuple[int, int]:
    """How many fields a choice changes, and by how much in total."""
    steps = [
        abs((value if isinstance(value, int) else value[0]) - _current(node, field)) for field, value in choice.changes
    ]
    return sum(step > 0 for step in steps), sum(steps)


def _current(node: Node, field: str) -> int:
    value = getattr(node.layer, field)
    first = (value or node.layer.kernel_size)[0] if value is None or not isinstance(value, str) else 0  # type: ignore[attr-defined]
    return int(first[0] if isinstance(first, tuple) else first)


def _values(node: Node) -> dict[str, object]:
    """The fields of a layer; a stride that defaulted to the kernel becomes explicit."""
    values = {name: getattr(node.layer, name) for name in node.layer.arguments}
    if values.get("stride", 0) is None:
        values["stride"] = values["kernel_size"]
    return values


def _try_changes(node: Node, changes: Mapping[str, int | tuple[int, ...]], wanted: tuple[int, ...]) -> Iterator[Choice]:
    values = _values(node)
    for name, value in changes.items():
        numbers = value if isinstance(value, tuple) else (value,) * len(wanted)
        values[name] = tuple((n, n) for n in numbers) if name == "padding" else numbers
    layer = type(node.layer)(**values)
    if _output(layer, node.shapes) == (*node.output[:1], *wanted):
        windows = layer.windows(node.shapes)
        yield Choice(tuple(changes.items()), all(w.leftover == 0 for w in windows) if windows else None)


def _output(layer: Layer, shapes: tuple[Shape, ...]) -> Shape | None:
    def require(holds: bool | Relation, why: object) -> None:
        if holds is not True:
            raise LayerError("refused")

    try:
        return layer.output(shapes, require)
    except LayerError:
        return None
