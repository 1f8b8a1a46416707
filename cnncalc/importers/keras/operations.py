"""Functions that are called like layers: `keras.ops`, and TensorFlow's (TFOpLambda). Of others the shape is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from cnncalc.importers.keras.activations import PLAIN, apply
from cnncalc.importers.keras.config import fraction, whole
from cnncalc.importers.keras.joins import concatenated, extremes, joined
from cnncalc.importers.keras.reshaping import permuted, reshaped
from cnncalc.importers.keras.tracing import Tracing, pointwise
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product
from cnncalc.symbolic import Size

Function: TypeAlias = "Callable[[Step, Tracing], Value]"
BINARY = {
    "add": "add", "subtract": "subtract", "sub": "subtract", "multiply": "multiply", "mul": "multiply",
    "truediv": "divide", "divide": "divide", "true_divide": "divide", "realdiv": "divide",
}  # fmt: skip
KEPT = frozenset({"cast", "stop_gradient", "identity", "copy"})
ELEMENTWISE = frozenset(
    {
        "sqrt", "rsqrt", "square", "exp", "log", "pow", "power", "sin", "cos", "sign", "round", "floor", "ceil",
        "reciprocal", "l2_normalize", "softsign", "zeros_like", "ones_like",
    }
)  # fmt: skip
"""Functions that no layer is, which keep the shape."""


def function_of(step: Step) -> str | None:
    """Return the name of the function that a layer is, in lower case; None for a layer of a class."""
    outer, config = step.layer.outer, step.config
    module = outer.values.get("module")
    if step.kind in ("TFOpLambda", "SlicingOpLambda"):
        return str(config.get("function") or "").rpartition(".")[2].lower()
    if isinstance(module, str) and ".ops." in f"{module}.":
        return "".join(f"_{c.lower()}" if c.isupper() and n else c.lower() for n, c in enumerate(step.kind))
    return None


def called(step: Step, trace: Tracing, name: str) -> Value:
    """Return the tensor that a function returns; raises UnsupportedError for one that no layer is."""
    if name in BINARY:
        return _binary(step, trace, BINARY[name])
    if name in KEPT:
        return step.first
    if name in PLAIN:
        return apply(step, trace, step.first, name, {**step.config.values, **step.options})
    if name in FUNCTIONS:
        return FUNCTIONS[name](step, trace)
    if name in ELEMENTWISE:
        raise UnsupportedError("no equivalent layer", step.first.shape, 0, 0)
    raise UnsupportedError("no equivalent layer")


def _argument(step: Step, place: int, *names: str) -> Any:  # noqa: ANN401
    """An argument of a call: by position, by name, or kept in the configuration."""
    if place < len(step.args):
        return step.args[place]
    for name in names:
        for where in (step.options, step.config.values):
            if where.get(name) is not None:
                return where[name]
    return None


def _binary(step: Step, trace: Tracing, kind: str) -> Value:
    one = _argument(step, 0, "x1", "x", "a")
    two = _argument(step, 1, "x2", "y", "b")
    if isinstance(one, Value) and isinstance(two, Value):
        return joined(step, trace, kind, [one, two])
    value, constant = (one, fraction(two)) if isinstance(one, Value) else (two, fraction(one))
    if not isinstance(value, Value) or constant is None or (kind == "divide" and (value is two or constant == 0)):
        raise UnsupportedError("with a constant that is not one number", step.first.shape, 0, 0)
    arguments: Mapping[str, Mapping[str, object]] = {
        "add": {"offset": constant},
        "multiply": {"factor": constant},
        "divide": {"factor": Fraction(1) / (constant or 1)},
        "subtract": {"offset": -constant} if value is one else {"factor": -1, "offset": constant},
    }
    return pointwise(trace.add(step, "rescale", arguments[kind], value), value)


def _concatenate(step: Step, trace: Tracing) -> Value:
    axis = whole(_argument(step, 1, "axis"))
    return concatenated(step, trace, -1 if axis is None else axis, step.inputs)


def _reshape(step: Step, trace: Tracing) -> Value:
    target = _argument(step, 1, "newshape", "shape")
    sizes = [whole(size) for size in target] if isinstance(target, list) else []
    if len(sizes) < 2 or None in sizes or sizes.count(-1) > 2 or (sizes[1:].count(-1) and sizes[0] == -1):
        raise UnsupportedError("to a shape that is computed")
    rest: list[Size] = [size for size in sizes[1:] if size is not None]
    if -1 in rest:
        known = product([size for size in rest if size != -1])
        rest[rest.index(-1)] = product(step.first.shape) // known
    return reshaped(step, trace, step.first, tuple(rest))


def _transpose(step: Step, trace: Tracing) -> Value:
    axes = _argument(step, 1, "axes", "perm")
    dims = [whole(axis) for axis in axes] if isinstance(axes, list) else []
    if sorted(map(str, dims)) != sorted(map(str, range(step.first.rank + 1))) or dims[0] != 0:
        raise UnsupportedError("of the batch")
    return permuted(step, trace, step.first, [dim for dim in dims[1:] if dim is not None])


def _reduced(kind: str) -> Function:
    def reduce(step: Step, trace: Tracing) -> Value:
        return _reduction(step, trace, kind)

    return reduce


def _reduction(step: Step, trace: Tracing, kind: str) -> Value:
    value, given = step.first, _argument(step, 1, "axis")
    axes = [whole(axis) for axis in (given if isinstance(given, list) else [given])]
    over = sorted(axis % (value.rank + 1) for axis in axes if axis is not None)
    keep = bool(_argument(step, 2, "keepdims", "keep_dims"))
    if None in axes or not over or over[0] == 0:
        raise UnsupportedError("over the batch")
    left = tuple(1 if axis in over else size for axis, size in enumerate(value.shape, 1) if keep or axis not in over)
    if not left or (not keep and value.moved and value.rank in over and len(left) > 1):
        raise UnsupportedError("no equivalent layer", left, 0, 0)
    dims = sorted(value.dim(axis) for axis in over)
    arguments: dict[str, object] = {"dim": dims[0] if len(dims) == 1 else dims}
    if keep:
        arguments["keepdim"] = True
    return trace.add(step, kind, arguments, value, moved=value.moved and len(left) > 1)


def _extreme(step: Step, trace: Tracing) -> Value:
    both = [_argument(step, 0, "x1", "x"), _argument(step, 1, "x2", "y")]
    values = [value for value in both if isinstance(value, Value)]
    if len(values) < 2:
        raise UnsupportedError("with a constant", step.first.shape, 0, 0)
    return extremes(step, trace, values, least=(function_of(step) or "").startswith("min"))


def _clip(step: Step, trace: Tracing) -> Value:
    least = fraction(_argument(step, 1, "x_min", "clip_value_min"))
    most = fraction(_argument(step, 2, "x_max", "clip_value_max"))
    if least is None or most is None or least >= most:
        raise UnsupportedError("by what is not two numbers", step.first.shape, 0, 0)
    made = trace.add(step, "hardtanh", {"min_val": least, "max_val": most}, step.first)
    return pointwise(made, step.first)


def _negative(step: Step, trace: Tracing) -> Value:
    return pointwise(trace.add(step, "rescale", {"factor": -1}, step.first), step.first)


def _expand(step: Step, trace: Tracing) -> Value:
    axis, shape = whole(_argument(step, 1, "axis")), step.first.shape
    place = None if axis is None else axis % (len(shape) + 2)
    if not place:
        raise UnsupportedError("of the batch")
    return reshaped(step, trace, step.first, (*shape[: place - 1], 1, *shape[place - 1 :]))


def _squeeze(step: Step, trace: Tracing) -> Value:
    given, shape = _argument(step, 1, "axis"), step.first.shape
    ones = [place for place, size in enumerate(shape, 1) if isinstance(size, int) and size == 1]
    axes = [whole(axis) for axis in (given if isinstance(given, list) else ones if given is None else [given])]
    places = {axis % (len(shape) + 1) for axis in axes if axis is not None}
    if None in axes or not places <= {*ones} or len(places) == len(shape):
        raise UnsupportedError("of an axis whose size is not 1")
    rest = tuple(size for place, size in enumerate(shape, 1) if place not in places)
    return reshaped(step, trace, step.first, rest) if places else step.first


def _get_item(step: Step, trace: Tracing) -> Value:
    keys = _argument(step, 1, "slice_spec", "key")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, slice) for key in keys):
        raise UnsupportedError("by what is not a slice")
    value = trace.ordered(step.first)
    first, *rest = keys
    if len(rest) > value.rank or any(part is not None for part in (first.start, first.stop, first.step)):
        raise UnsupportedError("of the batch")
    for axis, key in enumerate(rest, 1):
        arguments = {"start": key.start, "end": key.stop, "step": key.step}
        given = {name: part for name, part in arguments.items() if part is not None}
        if given:
            if any(whole(part) is None for part in given.values()) or (key.step or 1) < 1:
                raise UnsupportedError("by a slice that is computed")
            value = trace.add(step, "slice", {"dim": value.dim(axis), **given}, value)
    return value


FUNCTIONS: Mapping[str, Function] = {
    "concatenate": _concatenate,
    "concat": _concatenate,
    "reshape": _reshape,
    "transpose": _transpose,
    **{f"{before}{name}": _reduced(name) for name in ("mean", "sum", "max") for before in ("", "reduce_")},
    **dict.fromkeys(("maximum", "minimum"), _extreme),
    **dict.fromkeys(("clip", "clip_by_value"), _clip),
    **dict.fromkeys(("negative", "neg"), _negative),
    "expand_dims": _expand,
    "squeeze": _squeeze,
    "get_item": _get_item,
}
"""Name → how it is traced."""
