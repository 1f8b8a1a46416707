"""Says operators as operations of PyTorch: their names and arguments there, for the rules of that importer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from cnncalc.importers.onnx.applying import Applying
from cnncalc.importers.onnx.arithmetic import EPS
from cnncalc.importers.onnx.attending import attention, length_norm, norm, response_norm
from cnncalc.importers.onnx.folding import slices
from cnncalc.importers.onnx.moves import MOVES, flowing, whole
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.products import Shape
from cnncalc.importers.pytorch.call import Result
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor

Saying: TypeAlias = "Callable[[Op, Applying, Sizes], Sequence[Result]]"


def say(op: Op, rules: Applying, shapes: Sequence[Shape | None]) -> Sequence[Result] | None:
    """What the rules make of an operator; None for an operator that no operation says, or where no rule applies."""
    saying = SAYINGS.get(op.kind)
    if saying is None or not shapes:
        return None
    try:
        return saying(op, rules, rules.sizes(shapes[0]))
    except Inexpressible:
        return None


def _einsum(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    tensors = [rules.value(op.tensor(index)) for index in range(len(op.inputs))]
    return [rules.apply(op, "einsum", {"equation": op.get("equation", ""), "tensors": tensors}, seen)]


def _linear(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    """A product with a stored matrix, which ONNX has with the inputs first unless it is said to be transposed."""
    weight = whole(op, rules, 1)
    if weight is None or len(weight.shape) != 2 or op.get("transA", 0) or op.get("alpha", 1) != 1:
        raise Inexpressible
    x = rules.value(op.tensor(0), merged=True)
    if not isinstance(x, Tensor):
        raise Inexpressible
    arguments = {"input": x, "weight": _turned(weight, op), "bias": whole(op, rules, 2)}
    return [rules.apply(op, "linear", arguments, (*x.seen(rules.trace.emission.batch)[:-1], seen[-1]))]


def _turned(weight: Constant, op: Op) -> Constant:
    shape = weight.shape if op.get("transB", 0) else weight.shape[::-1]
    return weight._replace(shape=shape, sources=(weight.sources[0]._replace(shape=shape),))


def _matmul(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    if op.tensor(1).constant:
        return _linear(op, rules, seen)
    left, right = (rules.value(op.tensor(index)) for index in range(2))
    return [rules.apply(op, "matmul", {"self": left, "other": right}, seen)]


def _join(name: str) -> Saying:
    def joined(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
        left, right = (rules.value(op.tensor(index)) for index in range(2))
        if name in ("add", "mul") and not isinstance(left, Tensor | Constant):
            left, right = right, left
        return [rules.apply(op, name, {"self": left, "other": right, "alpha": 1, "rounding_mode": None}, seen)]

    return joined


def _rescale(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    made: Any = flowing(op, rules)
    for name, number in (("mul", op.get("factor", 1)), ("add", op.get("offset", 0))):
        if number != (name == "mul"):
            made = rules.apply(op, name, {"self": made, "other": number, "alpha": 1}, seen)
    return [made]


def _softmax(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    old = op.get("opset", 13) < 13
    dim = op.get("axis", 1 if old else -1) % len(seen)
    if old and dim != len(seen) - 1:
        raise Inexpressible
    return [rules.apply(op, "softmax", {"self": flowing(op, rules), "dim": dim}, seen)]


def _normalized(name: str) -> Saying:
    def normalized(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
        axis = op.get("axis", -1) % len(seen)
        arguments = {
            "input": flowing(op, rules),
            "normalized_shape": list(seen[axis:]),
            "weight": whole(op, rules, 1),
            "bias": whole(op, rules, 2),
            "eps": float(op.get("epsilon", EPS)),
        }
        return [rules.apply(op, name, arguments, seen)]

    return normalized


def _reduce(name: str) -> Saying:
    """A reduction of a tensor that lies in another order; those of maps have words of their own."""

    def reduced(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
        x = op.tensor(0)
        axes = op.attributes.get("axes") or op.values(1)
        if x.order is None or not axes:
            raise Inexpressible
        dims = [int(axis) for axis in axes]
        arguments = {"self": flowing(op, rules), "dim": dims, "keepdim": bool(op.get("keepdims", 1))}
        return [rules.apply(op, name, arguments, seen)]

    return reduced


def _activation(name: str, **fields: tuple[str, Fraction | int]) -> Saying:
    """A function of each number; `fields`: PyTorch's argument → the attribute and its default."""

    def active(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
        given = {theirs: float(op.get(ours, default)) for theirs, (ours, default) in fields.items()}
        return [rules.apply(op, name, {"self": flowing(op, rules), **given}, seen)]

    return active


def _gelu(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    arguments = {"self": flowing(op, rules), "approximate": op.get("approximate", "none")}
    return [rules.apply(op, "gelu", arguments, seen)]


def _dropout(op: Op, rules: Applying, seen: Sizes) -> Sequence[Result]:
    ratio = op.attributes.get("ratio")
    if ratio is None:
        ratio = (op.values(1) or [Fraction(1, 2)])[0]
    return [rules.apply(op, "dropout", {"self": flowing(op, rules), "p": float(ratio)}, seen)]


def constant_call(op: Op, rules: Applying) -> tuple[str, Mapping[str, Any]] | None:
    """An operator on constants as an operation, for the rules that read how a bias is computed."""
    name = COMPUTED.get(op.kind)
    try:
        if name is None:
            return None
        if name == "linear":
            weight = whole(op, rules, 1)
            bias = whole(op, rules, 2)
            return name, {"input": rules.constant(op.tensor(0)), "weight": weight and _turned(weight, op), "bias": bias}
        values = [rules.value(tensor) for tensor in op.inputs[:2] if tensor is not None]
        (data, *_) = [value for value in values if isinstance(value, Constant)]
        return name, {"self": data, **ARGUMENTS[op.kind](op, rules, values)} if op.kind in ARGUMENTS else {"self": data}
    except (Inexpressible, UnsupportedError, *MALFORMED):
        return None


def _beside(op: Op, rules: Applying, values: Sequence[Any]) -> Mapping[str, Any]:
    """What a constant is added to or multiplied by: another one, or a number."""
    if op.kind == "rescale":
        return {} if op.get("offset", 0) else {"other": float(op.get("factor", 1))}
    left, right = values
    if not isinstance(left, Constant):
        left, right = right, left
    return {"self": left, "other": float(right) if isinstance(right, Fraction) else right, "alpha": 1}


def _indices(op: Op, rules: Applying, values: Sequence[Any]) -> Mapping[str, Any]:
    """The places that are read of one axis; GatherND has an axis of 1 for that at the end of its indices."""
    places = rules.constant(op.tensor(1))
    if op.kind == "Gather":
        return {"indices": [*[None] * op.get("axis", 0), places]}
    if places.shape[-1:] != (1,) or op.get("batch_dims", 0):
        raise Inexpressible
    return {"indices": [places._replace(shape=places.shape[:-1])]}


def _dims(op: Op, rules: Applying, values: Sequence[Any]) -> Mapping[str, Any]:
    return {"dims": op.whole("perm", range(len(op.tensor(0).shape or ()))[::-1])}


def _part(op: Op, rules: Applying, values: Sequence[Any]) -> Mapping[str, Any]:
    """A slice of one axis."""
    ((axis, start, end, step),) = slices(op, len(op.tensor(0).shape or ()))
    return {"dim": axis, "start": start, "end": end, "step": step}


ARGUMENTS: Mapping[str, Callable[[Op, Applying, Sequence[Any]], Mapping[str, Any]]] = {
    **dict.fromkeys(("Add", "Mul", "rescale"), _beside),
    **dict.fromkeys(("Gather", "GatherND"), _indices),
    "Transpose": _dims,
    "Slice": _part,
}
COMPUTED = {
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), "view"),
    **dict.fromkeys(("Gather", "GatherND"), "index"),
    **dict.fromkeys(("linear", "MatMul", "Gemm"), "linear"),
    **dict.fromkeys(("Mul", "rescale"), "mul"),
    "Add": "add",
    "Transpose": "permute",
    "Expand": "expand",
    "Slice": "slice",
    "Identity": "to",
    "Cast": "to",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Gelu": "gelu",
    "silu": "silu",
}
SAYINGS: Mapping[str, Saying] = {
    **MOVES,
    "Einsum": _einsum,
    "linear": _linear,
    "Gemm": _linear,
    "MatMul": _matmul,
    "Add": _join("add"),
    "Sub": _join("sub"),
    "Mul": _join("mul"),
    "Div": _join("div"),
    "rescale": _rescale,
    "Softmax": _softmax,
    "LayerNormalization": _normalized("layer_norm"),
    "RMSNormalization": _normalized("rms_norm"),
    "SimplifiedLayerNormalization": _normalized("rms_norm"),
    "ReduceMean": _reduce("mean"),
    "ReduceSum": _reduce("sum"),
    "ReduceMax": _reduce("amax"),
    "layernorm": norm,
    "rmsnorm": norm,
    "grn": response_norm,
    "l2norm": length_norm,
    "Attention": attention,
    "com.microsoft.MultiHeadAttention": attention,
    "Gelu": _gelu,
    "Dropout": _dropout,
    **{name: _activation(name.lower()) for name in ("Relu", "Sigmoid", "Tanh", "HardSwish", "Mish", "Abs", "Selu")},
    **{name: _activation(name) for name in ("silu", "mish", "hardswish", "hardsigmoid")},
    "LeakyRelu": _activation("leaky_relu", negative_slope=("alpha", Fraction(1, 100))),
}
