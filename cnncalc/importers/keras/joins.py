"""Layers that join several tensors: Add, Concatenate …, and Merge of Keras 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from cnncalc.importers.keras.config import whole
from cnncalc.importers.keras.tracing import Handler, Tracing, pointwise
from cnncalc.importers.keras.values import Shape, Step, UnsupportedError, Value, product
from cnncalc.symbolic import Size

MODES = {
    "concat": "concat",
    "sum": "add",
    "mul": "multiply",
    "ave": "average",
    "max": "max",
    "dot": "dot",
    "cos": "dot",
}
JOINED = {"Add": "add", "Subtract": "subtract", "Multiply": "multiply"}


def join(step: Step, trace: Tracing) -> Value:
    """Add, Subtract, Multiply: a tensor of fewer axes gets axes of size 1 behind the batch."""
    return joined(step, trace, JOINED[step.kind], step.inputs)


def joined(step: Step, trace: Tracing, kind: str, values: Sequence[Value]) -> Value:
    """Return the sum, difference or product of tensors."""
    if len(values) < 2:
        step.refuse(f"it reads {len(values)} tensor{'s' if len(values) != 1 else ''}, and needs two")
    values = _same_rank(step, trace, values)
    ordered = [trace.ordered(value) for value in values] if _differ(values) else values
    made = trace.add(step, kind, {}, *ordered)
    return made._replace(scrambled=ordered[0].scrambled, free=all(value.free for value in values))


def _differ(values: Sequence[Value]) -> bool:
    """Whether vectors come in different orders."""
    return len({value.scrambled for value in values}) > 1


def _same_rank(step: Step, trace: Tracing, values: Sequence[Value]) -> list[Value]:
    rank = max(value.rank for value in values)
    grown = [_grow(step, trace, value, rank) for value in values]
    return trace.alike(step, grown)


def _grow(step: Step, trace: Tracing, value: Value, rank: int) -> Value:
    """Return a tensor with axes of size 1 in front of its own."""
    missing = rank - value.rank
    if not missing:
        return value
    value, moved = trace.ordered(value), value.moved or (value.rank == 1 and trace.last)
    shape: Shape = (*[1] * missing, *value.shape)
    ours = (shape[-1], *shape[:-1]) if moved else shape
    return trace.add(step, "reshape", {"shape": list(ours)}, value, moved=moved)


def average(step: Step, trace: Tracing) -> Value:
    """Average: the sum, divided."""
    total = joined(step, trace, "add", step.inputs)
    return trace.add(step, "rescale", {"factor": Fraction(1, len(step.inputs))}, total)


def extreme(step: Step, trace: Tracing) -> Value:
    """Maximum and Minimum, elementwise."""
    return extremes(step, trace, step.inputs, least=step.kind == "Minimum")


def extremes(step: Step, trace: Tracing, values: Sequence[Value], least: bool = False) -> Value:
    """Return the largest of each element, or the least: the tensors stacked, and a maximum over the new axis.

    The least is the largest of the negatives, negated. Tensors of different shapes remain unknown.
    """
    if len(values) < 2:
        step.refuse("it reads one tensor, and needs two")
    values = _same_rank(step, trace, values)
    shape = tuple(_wide([value.shape[axis] for value in values]) for axis in range(values[0].rank))
    if any(value.shape != shape for value in values):
        raise UnsupportedError("of tensors of different shapes", shape, 0, 0)
    values = [trace.ordered(value) for value in values] if _differ(values) else values
    first = values[0]
    signed = [_negated(step, trace, value) for value in values] if least else values
    rows = [trace.add(step, "reshape", {"shape": [1, *value.ours]}, value, moved=False) for value in signed]
    stack = trace.add(step, "concat", {"dim": 1}, *rows, moved=False)
    made = trace.add(step, "max", {"dim": 1}, stack, moved=first.moved)
    made = made._replace(scrambled=first.scrambled, free=all(value.free for value in values))
    return _negated(step, trace, made) if least else made


def _negated(step: Step, trace: Tracing, value: Value) -> Value:
    return pointwise(trace.add(step, "rescale", {"factor": -1}, value), value)


def _wide(sizes: Sequence[Size]) -> Size:
    return next((size for size in sizes if not (isinstance(size, int) and size == 1)), 1)


def concatenate(step: Step, trace: Tracing) -> Value:
    """Concatenate, by default along the last axis."""
    axis = whole(step.config.get("axis") if step.config.get("axis") is not None else -1)
    return concatenated(step, trace, -1 if axis is None else axis, step.inputs)


def concatenated(step: Step, trace: Tracing, axis: int, values: Sequence[Value]) -> Value:
    """Return tensors one behind another along an axis that counts the batch."""
    if not values:
        step.refuse("it reads nothing")
    values = trace.alike(step, values)
    if axis % (values[0].rank + 1) == 0:
        raise UnsupportedError("it concatenates along the batch", values[0].shape, 0, 0)
    scrambled = frozenset[str]().union(*(value.scrambled for value in values))
    if len(values) == 1:
        return values[0]
    made = trace.add(step, "concat", {"dim": values[0].dim(axis)}, *values)
    return made._replace(scrambled=scrambled)


def merge(step: Step, trace: Tracing) -> Value:
    """Merge of Keras 1: the mode says which of the others it is."""
    mode = MODES.get(str(step.config.values.get("mode")), "")
    if mode == "concat":
        axis = whole(step.config.get("concat_axis") if step.config.get("concat_axis") is not None else -1)
        return concatenated(step, trace, -1 if axis is None else axis, step.inputs)
    if mode in ("add", "multiply"):
        return joined(step, trace, mode, step.inputs)
    if mode == "average":
        return average(step, trace)
    if mode == "max":
        return extreme(step, trace)
    if mode == "dot":
        return dot(step, trace)
    return step.config.expect(", ".join(MODES), "mode")


def dot(step: Step, trace: Tracing) -> Value:
    """Dot: the sum of products along an axis of each: a `matmul`."""
    if len(step.inputs) != 2:
        step.refuse(f"it reads {len(step.inputs)} tensors, and needs two")
    one, two = step.inputs
    given = step.config.get("axes", "dot_axes")
    pair = given if isinstance(given, list) else [given, given]
    axes = [whole(axis) for axis in pair if axis is not None]
    if len(axes) != 2 or None in axes:
        step.config.expect("a number or two", "axes")
    first, second = (
        number % (value.rank + 1) for number, value in zip(axes, (one, two), strict=True) if number is not None
    )
    if not first or not second:
        step.config.expect("axes other than the batch", "axes")
    read = [(one, first), (two, second)]
    if step.config.flag("normalize", default=False):
        read = [(_of_length_one(step, trace, value, axis), axis) for value, axis in read]
    return _product(step, trace, *read)


def _of_length_one(step: Step, trace: Tracing, value: Value, axis: int) -> Value:
    """Return a tensor whose vectors along an axis have length 1."""
    arguments = {"dim": value.dim(axis)} if value.rank > 1 else {}
    return pointwise(trace.add(step, "l2norm", arguments, value), value)


def _product(step: Step, trace: Tracing, one: tuple[Value, int], two: tuple[Value, int]) -> Value:
    """Return the sums of products along these axes: the product of two matrices, and the other axes restored."""
    left, right = (_matrix(step, trace, value, axis, last) for (value, axis), last in ((one, True), (two, False)))
    made = trace.add(step, "matmul", {}, left, right, moved=False)
    rest = [size for value, summed in (one, two) for axis, size in enumerate(value.shape, 1) if axis != summed]
    if one[0].rank == two[0].rank == 2:
        return made
    if len(rest) < 2:
        return trace.add(step, "flatten", {}, made, moved=False)
    return trace.add(step, "reshape", {"shape": rest}, made, moved=False)


def _matrix(step: Step, trace: Tracing, value: Value, axis: int, last: bool) -> Value:
    """Return a tensor as a matrix in Keras's order, with this axis last, or first."""
    size = value.shape[axis - 1]
    if value.rank == 1:
        shape: list[Size] = [1, size] if last else [size, 1]
        return trace.add(step, "reshape", {"shape": shape}, trace.ordered(value), moved=False)
    plain = trace.in_form(step, trace.ordered(value), False)
    others = [each for each in range(1, value.rank + 1) if each != axis]
    dims = [*others, axis] if last else [axis, *others]
    if dims != sorted(dims):
        plain = trace.add(step, "permute", {"dims": dims}, plain, moved=False)
    if value.rank == 2:
        return plain
    rows = product([value.shape[each - 1] for each in others])
    return trace.add(step, "reshape", {"shape": [rows, size] if last else [size, rows]}, plain, moved=False)


def scaled_sum(step: Step, trace: Tracing) -> Value:
    """CustomScaleLayer of InceptionResNetV2: the first tensor, and the second times a fixed number."""
    if len(step.inputs) != 2:
        step.refuse(f"it reads {len(step.inputs)} tensors, and needs two")
    base, branch = step.inputs
    scaled = trace.add(step, "rescale", {"factor": step.config.number("scale")}, branch)
    return joined(step, trace, "add", [base, pointwise(scaled, branch)])


JOINS: Mapping[str, Handler] = {
    "CustomScaleLayer": scaled_sum,
    **dict.fromkeys(JOINED, join),
    "Average": average,
    **dict.fromkeys(("Maximum", "Minimum"), extreme),
    "Concatenate": concatenate,
    "Dot": dot,
    "Merge": merge,
}
"""Class → how it is traced."""
