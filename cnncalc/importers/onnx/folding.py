"""Evaluates shape arithmetic while a model is read: what exporters write around `view` and `Resize`.

Values are numpy object arrays of Python integers, fractions, or closed forms of the symbolic dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor, isqrt, prod, sqrt
from typing import Any

import numpy as np

from cnncalc.importers.onnx.arrays import Array, Share, array_of, divide, map_over, multiply, require_few, require_short
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.tensors import numbers
from cnncalc.symbolic import Expr, maximum, minimum

Fold = Callable[[Op, list[Array]], Array]
MOST_POWER = 8  # a larger exponent is not followed exactly
WHOLE = {1: False, 2: True, 3: True, 4: True, 5: True, 6: True, 7: True, 9: True, 12: True, 13: True}  # data types


def foldable(op: Op) -> bool:
    """Return whether all values that an operator computes with are known."""
    if op.kind in ("Shape", "Size"):
        source = op.optional(0)
        return source is not None and source.shape is not None
    return op.kind in FOLDS and all(tensor is None or tensor.value is not None for tensor in op.inputs)


def fold(op: Op) -> Array:
    """Compute the output of an operator, as an object array.

    Raises:
        UnsupportedError: the output cannot be computed, or has too many elements to describe a shape.
    """
    if op.kind == "Shape":
        return array_of((op.tensor(0).shape or ())[slice(op.get("start", 0), op.attributes.get("end"))])
    if op.kind == "Size":
        return array_of(prod(op.tensor(0).shape or ()))
    inputs = [None if tensor is None else tensor.value for tensor in op.inputs]
    try:
        made = FOLDS[op.kind](op, inputs)
    except MALFORMED as error:
        raise UnsupportedError(f"its arithmetic cannot be followed: {error}") from None
    require_few(made.size)
    for value in made.flat:
        require_short(value)
    return made


def _each(function: Callable[..., Any]) -> Fold:
    return lambda op, inputs: map_over(function, *inputs)


def _round(function: Callable[[Any], Any]) -> Fold:
    def rounded(value: Any) -> Any:  # noqa: ANN401
        return value if isinstance(value, int | Expr) else function(value)

    return _each(rounded)


def _cast(op: Op, inputs: list[Array]) -> Array:
    """To whole numbers (towards zero) or to fractions; floats of symbols stay closed forms."""
    whole = WHOLE.get(op.get("to", 1))

    def one(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Share):
            return floor(value) if whole else value
        if isinstance(value, Expr) or whole is None:
            return value
        return int(value) if whole else Fraction(value)

    return map_over(one, inputs[0])


def _axes(op: Op, inputs: list[Array]) -> list[int] | None:
    """Axes as an attribute (before opset 13) or as an input."""
    if "axes" in op.attributes:
        return op.whole("axes", ())
    if len(inputs) > 1 and inputs[1] is not None:
        return [int(axis) for axis in inputs[1].flat]
    return None


def _gather(op: Op, inputs: list[Array]) -> Array:
    axis = op.get("axis", 0)
    require_few(inputs[0].size // max(1, inputs[0].shape[axis]) * inputs[1].size)
    value = np.take(inputs[0], inputs[1].astype(int), axis=axis)
    return value if isinstance(value, np.ndarray) else array_of(value)


def _concat(op: Op, inputs: list[Array]) -> Array:
    require_few(sum(array.size for array in inputs))
    return np.concatenate(inputs, axis=op.get("axis", 0))


def _squeeze(op: Op, inputs: list[Array]) -> Array:
    axes = _axes(op, inputs)
    return np.squeeze(inputs[0], None if axes is None else tuple(axes))


def _unsqueeze(op: Op, inputs: list[Array]) -> Array:
    return np.expand_dims(inputs[0], tuple(_axes(op, inputs) or ()))


def _slice(op: Op, inputs: list[Array]) -> Array:
    parts = [slice(None)] * inputs[0].ndim
    for axis, start, end, step in slices(op, inputs[0].ndim):
        parts[axis] = slice(start, end, step)
    return inputs[0][tuple(parts)]


def slices(op: Op, rank: int) -> list[tuple[int, Any, Any, int]]:
    """Return axis, start, end and step of each slice of a Slice: attributes before opset 10, inputs since.

    Raises:
        UnsupportedError: they depend on the data.
    """
    if "starts" in op.attributes:
        starts, ends = op.whole("starts", ()), op.whole("ends", ())
        axes, steps = op.attributes.get("axes"), None
    else:
        starts, ends = op.values(1) or [], op.values(2) or []
        axes, steps = op.values(3), op.values(4)
    axes = list(range(len(starts))) if axes is None else [int(axis) % rank for axis in axes]
    return list(zip(axes, starts, ends, steps or [1] * len(starts), strict=True))


def _fill(op: Op, inputs: list[Array]) -> Array:
    shape = [int(size) for size in inputs[0].flat]
    require_few(prod(shape))
    given = op.attributes.get("value")
    out = np.empty(shape, dtype=object)
    out.fill(0 if given is None else numbers(given).flat[0])
    return out


def _constant(op: Op, inputs: list[Array]) -> Array:
    for key, value in op.attributes.items():
        if key == "value":
            value = numbers(value)
            if value is not None:
                return value
        elif key in ("value_int", "value_float", "value_ints", "value_floats"):
            return array_of(value)
    raise UnsupportedError("it produces many numbers")


def _range(op: Op, inputs: list[Array]) -> Array:
    start, limit, delta = (array.item() for array in inputs)
    require_few(abs(limit - start) // abs(delta))
    return array_of(list(range(int(start), int(limit), int(delta))))


def _expand(op: Op, inputs: list[Array]) -> Array:
    sizes = [int(size) for size in inputs[1].flat]
    require_few(prod(sizes))
    return np.broadcast_to(inputs[0], np.broadcast_shapes(inputs[0].shape, tuple(sizes)))


def _reshape(op: Op, inputs: list[Array]) -> Array:
    given = [int(size) for size in inputs[1].flat]
    return inputs[0].reshape([inputs[0].shape[axis] if size == 0 else size for axis, size in enumerate(given)])


def _reduce(function: Callable[[list[Any]], Any]) -> Fold:
    def over_all(op: Op, inputs: list[Array]) -> Array:
        axes = _axes(op, inputs)
        if inputs[0].ndim > 1 or (axes is not None and axes not in ([0], [-1])):
            raise UnsupportedError("it reduces more than a list")
        made = array_of(function(list(inputs[0].flat)))
        return made.reshape([1] * inputs[0].ndim) if op.get("keepdims", 1) else made

    return over_all


def _least(*values: Any) -> Any:  # noqa: ANN401
    return minimum(*values) if any(isinstance(value, Expr) for value in values) else min(values)


def _most(*values: Any) -> Any:  # noqa: ANN401
    return maximum(*values) if any(isinstance(value, Expr) for value in values) else max(values)


def _root(value: Any) -> Any:  # noqa: ANN401
    """The square root of a number, exact where that is a fraction; raises TypeError for a closed form."""
    if isinstance(value, Expr | Share):
        raise TypeError("the root of a closed form")
    whole = Fraction(value)
    root = Fraction(isqrt(whole.numerator), isqrt(whole.denominator))
    return root if root * root == whole else Fraction(sqrt(whole))


def _power(base: Any, exponent: Any) -> Any:  # noqa: ANN401
    """A power: exact for a small whole exponent, else as accurate as a float."""
    if Fraction(exponent).denominator == 1 and abs(exponent) <= MOST_POWER:
        return Fraction(base) ** int(exponent) if exponent < 0 or isinstance(base, Fraction) else base ** int(exponent)
    return Fraction(float(base) ** float(exponent))


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Compare; raises ValueError where the answer depends on a symbol. Sizes are positive."""
    if isinstance(a, Expr) or isinstance(b, Expr):
        number = b if isinstance(a, Expr) else a
        difference = 1 if isinstance(number, int) and number <= 0 else a - b
        if isinstance(difference, Expr):
            raise ValueError("it depends on a symbol")
        return bool(difference == 0)
    return bool(a == b)


FOLDS: Mapping[str, Fold] = {
    "Constant": _constant,
    "ConstantOfShape": _fill,
    "Identity": lambda op, inputs: inputs[0],
    "Cast": _cast,
    "Gather": _gather,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": _concat,
    "Slice": _slice,
    "Reshape": _reshape,
    "Expand": _expand,
    "Transpose": lambda op, inputs: np.transpose(inputs[0], op.attributes.get("perm")),
    "Range": _range,
    "Add": _each(lambda a, b: a + b),
    "Sub": _each(lambda a, b: a - b),
    "Mul": _each(multiply),
    "Div": _each(divide),
    "Mod": _each(lambda a, b: a % b),
    "Neg": _each(lambda a: -a),
    "Sqrt": _each(_root),
    "Pow": _each(_power),
    "Reciprocal": _each(lambda a: divide(Fraction(1), a)),
    "Floor": _round(floor),
    "Ceil": _round(ceil),
    "Min": _each(_least),
    "Max": _each(_most),
    "Equal": _each(_equal),
    "Not": _each(lambda a: not a),
    "Where": _each(lambda which, a, b: a if which else b),
    "ReduceProd": _reduce(prod),
    "ReduceMin": _reduce(lambda values: _least(*values)),
    "ReduceMax": _reduce(lambda values: _most(*values)),
    "ReduceSum": _reduce(sum),
}
