"""Rules for elementwise functions, softmax and dropout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Tensor

Arguments = Mapping[str, object]


def pointwise(call: Call, kind: str, arguments: Arguments | None = None) -> Tensor:
    """A layer whose output has the shape of its input, in whatever axis order PyTorch sees it."""
    entering = next(call.tensors())
    return call.emit(kind, arguments or {}, [entering], entering.shape, entering.order)


def _activation(kind: str, **fields: str) -> Callable[[Call], Tensor]:
    """A rule for an activation; `fields` maps our names of its fields to those of PyTorch's schema."""

    def rule(call: Call) -> Tensor:
        arguments = {name: exact(call[theirs]) for name, theirs in fields.items()}
        return pointwise(call, kind, arguments | ({"inplace": True} if call.inplace else {}))

    return rule


def _without_inplace(kind: str) -> Rule:
    return lambda call: pointwise(call, kind)


def _elu(call: Call) -> Tensor:
    if (call["scale"], call["input_scale"]) != (1, 1):
        raise Inexpressible
    return _activation("elu", alpha="alpha")(call)


def _gelu(call: Call) -> Tensor:
    return pointwise(call, "gelu", {"approximate": call["approximate"]})


def _softplus(call: Call) -> Tensor:
    return pointwise(call, "softplus", {name: exact(call[name]) for name in ("beta", "threshold")})


def _hardtanh(call: Call) -> Tensor:
    return _between(call, call["min_val"], call["max_val"])


def _clamp(call: Call) -> Tensor:
    return _between(call, call["min"], call["max"])


def _clamp_min(call: Call) -> Tensor:
    return _between(call, call["min"], None)


def _between(call: Call, low: float | None, high: float | None) -> Tensor:
    inplace = {"inplace": True} if call.inplace else {}
    if low == 0 and high is None:
        return pointwise(call, "relu", inplace)
    if low == 0 and high == 6:
        return pointwise(call, "relu6", inplace)
    if not (isinstance(low, int | float) and isinstance(high, int | float) and isfinite(low) and isfinite(high)):
        raise Inexpressible
    return pointwise(call, "hardtanh", {"min_val": exact(low), "max_val": exact(high), **inplace})


def _prelu(call: Call) -> Tensor:
    weight = call.weight("weight")
    assert weight is not None
    entering = call.tensor("self")
    if weight.numel > 1 and entering.order[1] != 1:
        raise Inexpressible
    return call.emit(
        "prelu", {"num_parameters": weight.numel}, [entering], entering.shape, entering.order, {"weight": weight}
    )


def _softmax(kind: str) -> Rule:
    return lambda call: pointwise(call, kind, {"dim": call.tensor("self").axis(call["dim"])})


def _dropout(call: Call) -> Tensor:
    inplace = {"inplace": True} if call.inplace else {}
    return pointwise(call, "dropout", {"p": exact(call["p"]), **inplace})


def _feature_dropout(call: Call) -> Tensor:
    inplace = {"inplace": True} if call.inplace else {}
    return pointwise(call, "dropout", {"p": exact(call["p"]), "mode": "channel", **inplace})


POINTWISE: dict[str, Rule] = {
    "relu": _activation("relu"),
    "relu6": _activation("relu6"),
    "leaky_relu": _activation("leaky_relu", negative_slope="negative_slope"),
    "prelu": _prelu,
    "elu": _elu,
    "selu": _activation("selu"),
    "celu": _activation("celu", alpha="alpha"),
    "gelu": _gelu,
    "silu": _activation("silu"),
    "mish": _activation("mish"),
    "sigmoid": _without_inplace("sigmoid"),
    "tanh": _without_inplace("tanh"),
    "abs": _without_inplace("abs"),
    "hardswish": _activation("hardswish"),
    "hardsigmoid": _activation("hardsigmoid"),
    "hardtanh": _hardtanh,
    "clamp": _clamp,
    "clamp_min": _clamp_min,
    "softplus": _softplus,
    "softmax": _softmax("softmax"),
    "log_softmax": _softmax("log_softmax"),
    "dropout": _dropout,
    "feature_dropout": _feature_dropout,
}
