"""Traces elementwise operators and joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.products import broadcast
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing
from cnncalc.symbolic import Size

FAR = 10**30  # a bound beyond this is no bound


def plain(kind: str) -> Handler:
    """A layer without arguments."""
    return lambda op, trace: trace.layer(op, kind, {})


def one(kind: str, field: str, attribute: str, default: Fraction | int) -> Handler:
    """A layer with one field, which is an attribute of the operator."""
    return lambda op, trace: trace.layer(op, kind, {field: op.get(attribute, default)})


def prelu(op: Op, trace: Tracing) -> Tensor:
    """PRelu: one slope for all elements, or one per channel."""
    slope = op.weight(1)
    channels, *rest = op.data().sample
    shape = (slope.shape or ())[1 if len(slope.shape or ()) == len(rest) + 2 else 0 :]  # drop a batch axis of 1
    one = all(size == 1 for size in shape)
    if not one and shape != (channels, *[1] * len(rest)):
        raise UnsupportedError("its slopes are not one per channel")
    number: Size = 1 if one else channels
    return trace.layer(op, "prelu", {"num_parameters": number}, weights={"weight": (number,)})


def clip(op: Op, trace: Tracing) -> Tensor:
    """Clip: bounds as attributes before opset 11, as inputs since."""
    low, high = _bound(op, 1, "min"), _bound(op, 2, "max")
    if low == 0 and high == 6:
        return trace.layer(op, "relu6", {})
    if low == 0 and high is None:
        return trace.layer(op, "relu", {})
    if low is None or high is None:
        raise UnsupportedError("it is clipped at only one bound")
    return trace.layer(op, "hardtanh", {"min_val": low, "max_val": high})


def _bound(op: Op, index: int, name: str) -> Fraction | int | None:
    if name in op.attributes:
        bound = op.attributes[name]
    else:
        values = op.values(index)
        bound = values[0] if values else None
    number: Any = bound
    return number if isinstance(number, int | Fraction) and -FAR < number < FAR else None


def hardsigmoid(op: Op, trace: Tracing) -> Tensor:
    """HardSigmoid: max(0, min(1, α·x + β)): one layer for PyTorch's slope of 1/6, else a rescale and a hardtanh."""
    alpha, beta = op.get("alpha", Fraction(1, 5)), op.get("beta", Fraction(1, 2))
    if abs(alpha - Fraction(1, 6)) < Fraction(1, 10**6) and beta == Fraction(1, 2):
        return trace.layer(op, "hardsigmoid", {})
    line = trace.layer(op, "rescale", {"factor": alpha, "offset": beta})
    return trace.layer(op, "hardtanh", {"min_val": 0, "max_val": 1}, [line])


def softmax(kind: str) -> Handler:
    """Softmax along an axis; before opset 13 over all axes from that one on, which differs unless it is the last."""

    def along(op: Op, trace: Tracing) -> Tensor:
        rank = len(op.data().shape or ())
        old = op.get("opset", 13) < 13
        dim = op.get("axis", 1 if old else -1) % rank
        if dim == 0 or (old and dim != rank - 1):
            raise UnsupportedError("it normalizes over several axes, or over the batch")
        return trace.layer(op, kind, {"dim": dim})

    return along


def gelu(op: Op, trace: Tracing) -> Tensor:
    """Gelu, exact or the tanh approximation."""
    return trace.layer(op, "gelu", {"approximate": op.get("approximate", "none")})


def dropout(op: Op, trace: Tracing) -> Tensor:
    """Dropout: the ratio is an attribute before opset 12, an input since."""
    ratio = op.attributes.get("ratio")
    if ratio is None:
        given = op.values(1)
        ratio = given[0] if given else Fraction(1, 2)
    return trace.layer(op, "dropout", {"p": ratio})


def join_own(op: Op, trace: Tracing, kind: str, tensors: Sequence[Tensor]) -> Tensor:
    """A sum or product with a stored tensor that is the same for all images."""
    stored = [tensor for tensor in tensors if tensor.constant]
    flowing = [tensor for tensor in tensors if not tensor.constant]
    if len(flowing) != 1 or len(stored) != 1 or kind not in ("add", "multiply"):
        raise UnsupportedError("one of its inputs is a constant")
    (data,) = flowing
    sample = data.sample
    given = stored[0].shape or ()
    sizes = (1,) * (len(sample) + 1 - len(given)) + given
    if len(sizes) > len(sample) + 1 or sizes[0] != 1:
        raise UnsupportedError("one of its inputs differs between images")
    arguments: dict[str, object] = {"merge": kind} | ({} if sizes[1:] == sample else {"shape": list(sizes[1:])})
    if stored[0].computed:
        raise UnsupportedError("one of its inputs is computed from stored tensors")
    if stored[0].learnt:
        return trace.layer(op, "parameter", arguments, [data], weights={"weight": sizes[1:]})
    return trace.layer(op, "constant", arguments, [data])


def join(kind: str) -> Handler:
    """Add, Mul, Sub, Div of computed tensors, each with the batch first."""

    def joined(op: Op, trace: Tracing) -> Tensor:
        tensors = [op.tensor(index) for index in range(len(op.inputs))]
        if any(tensor.constant for tensor in tensors):
            return join_own(op, trace, kind, tensors)
        if len(tensors) == 1:
            return trace.layer(op, "identity", {})
        if len({len(tensor.sample) for tensor in tensors}) > 1:
            raise UnsupportedError("its inputs have different numbers of axes")
        made = trace.layer(op, kind, {}, tensors)
        if not broadcast([tensor.repeated or tensor.shape or () for tensor in tensors]) == made.shape:
            raise UnsupportedError("one of its inputs is broadcast along an axis")
        return made

    return joined


def repeated(op: Op, trace: Tracing) -> Tensor:
    """`repeated` of the patterns: an Expand that the join that reads it performs itself."""
    x, sizes = op.data(), op.values(1) or []
    shape = broadcast([x.shape or (), sizes])
    if len(shape) != len(x.shape or ()) or shape[0] != trace.batch:
        raise UnsupportedError("it prepends axes")
    return replace(x, name=op.makes[0], repeated=shape)


def rescale(op: Op, trace: Tracing) -> Tensor:
    """`rescale` of the patterns: x·factor + offset."""
    arguments = {name: op.get(name, 0) for name in ("factor", "offset")}
    if arguments == {"factor": 1, "offset": 0}:
        return trace.layer(op, "identity", {})
    return trace.layer(op, "rescale", arguments)


def l2norm(op: Op, trace: Tracing) -> Tensor:
    """`l2norm` of the patterns, over any axes but that of the batch."""
    dims = sorted(axis % len(op.data().shape or ()) for axis in op.whole("axes", ()))
    if 0 in dims:
        raise UnsupportedError("it acts on the batch")
    return trace.layer(op, "l2norm", {} if dims == [1] else {"dim": dims})


def softplus(op: Op, trace: Tracing) -> Tensor:
    """Softplus, with the beta and the threshold that a pattern matched."""
    return trace.layer(
        op, "softplus", {name: op.attributes[name] for name in ("beta", "threshold") if name in op.attributes}
    )


def concat(op: Op, trace: Tracing) -> Tensor:
    """Concat of computed tensors."""
    tensors = [op.data(index) for index in range(len(op.inputs))]
    dim = op.get("axis", 1) % len(tensors[0].shape or (0,))
    if dim == 0:
        raise UnsupportedError("it joins batches")
    return trace.layer(op, "concat", {"dim": dim}, tensors)


POINTWISE: Mapping[str, Handler] = {
    "Relu": plain("relu"),
    "Selu": plain("selu"),
    "Sigmoid": plain("sigmoid"),
    "Tanh": plain("tanh"),
    "Abs": plain("abs"),
    "HardSwish": plain("hardswish"),
    "Mish": plain("mish"),
    "Softplus": softplus,
    "softplus": softplus,
    "l2norm": l2norm,
    "rescale": rescale,
    "repeated": repeated,
    "Identity": plain("identity"),
    "silu": plain("silu"),
    "mish": plain("mish"),
    "hardswish": plain("hardswish"),
    "hardsigmoid": plain("hardsigmoid"),
    "LeakyRelu": one("leaky_relu", "negative_slope", "alpha", Fraction(1, 100)),
    "Elu": one("elu", "alpha", "alpha", 1),
    "Celu": one("celu", "alpha", "alpha", 1),
    "PRelu": prelu,
    "Clip": clip,
    "HardSigmoid": hardsigmoid,
    "Softmax": softmax("softmax"),
    "LogSoftmax": softmax("log_softmax"),
    "Gelu": gelu,
    "Dropout": dropout,
    "Add": join("add"),
    "Sum": join("add"),
    "Sub": join("subtract"),
    "Mul": join("multiply"),
    "Div": join("divide"),
    "Concat": concat,
}
