"""The code of activations, normalizations, vectors and what only training sees."""

from __future__ import annotations

from typing import Any

from cnncalc.exporters.source.recipe import OWN, Recipe, Writer, channels, expression, fields, function, rank
from cnncalc.exporters.source.terms import Arg, Call, Infix, Method, Slot, Term, Text, X, call, given, named, plain
from cnncalc.graph import Node


def _activation(name: str, module: str, **defaults: Any) -> Writer:  # noqa: ANN401
    return lambda node: function(name, module, *fields(node, **defaults))


def _norm(module: str, **defaults: Any) -> Writer:  # noqa: ANN401
    """A module of so many axes, which begins with the channels."""

    def write(node: Node) -> Recipe:
        name = module.format(max(1, rank(node)))
        return Recipe(call(name, given(channels(node), "num_features"), *fields(node, **defaults)))

    return write


def _groupnorm(node: Node) -> Recipe:
    layer: Any = node.layer
    sizes = given(layer.num_groups, "num_groups"), given(channels(node), "num_channels")
    return Recipe(call("nn.GroupNorm", *sizes, *fields(node, eps=1e-5, affine=True)))


def _layernorm(node: Node) -> Recipe:
    by_channel, size = _axis(node)
    module = call(
        "nn.LayerNorm", given(size, "normalized_shape"), *fields(node, eps=1e-5, elementwise_affine=True, bias=True)
    )
    return _over_channels(module) if by_channel else Recipe(module)


def _linear(node: Node) -> Recipe:
    by_channel, size = _axis(node)
    layer: Any = node.layer
    module = call(
        "nn.Linear", given(size, "in_features"), given(layer.out_features, "out_features"), *fields(node, bias=True)
    )
    return _over_channels(module) if by_channel else Recipe(module)


def _axis(node: Node) -> tuple[bool, Any]:
    """Whether it acts on the channels of a map, and how many numbers its axis has."""
    layer: Any = node.layer
    by_channel = layer.axis == "channels" and rank(node) > 0
    return by_channel, node.shapes[0][0 if by_channel else -1]


def _over_channels(module: Call) -> Recipe:
    """A module that acts on the last axis, given the channels as that."""
    last = Method(X, "movedim", (Arg(Text("1")), Arg(Text("-1"))))
    return Recipe(module, Method(call(OWN.function, last), "movedim", (Arg(Text("-1")), Arg(Text("1")))))


def _dropout(node: Node) -> Recipe:
    layer: Any = node.layer
    axes = f"{rank(node)}d" if layer.mode == "channel" else ""
    p, inplace = given(layer.p, "p"), fields(node, inplace=False)
    training = Arg(Text("self.training"), "training")
    run = call(f"F.dropout{axes}", X, p, training, *inplace)
    return Recipe(call(f"nn.Dropout{axes}", p, *inplace), run, registered=False)


def _softmax(name: str, module: str) -> Writer:
    return lambda node: function(name, module, *fields(node, dim=None))


def _lrn(node: Node) -> Recipe:
    layer: Any = node.layer
    rest = fields(node, alpha=1e-4, beta=0.75, k=1)
    return function("F.local_response_norm", "nn.LocalResponseNorm", given(layer.size, "size"), *rest)


def _l2norm(node: Node) -> Recipe:
    return expression(call("F.normalize", X, Arg(Text("1"), "dim"), *fields(node, eps=1e-12)))


def _scale(node: Node) -> Recipe:
    return Recipe(call("Scale", given(channels(node), "channels"), *fields(node, bias=False, init=1)))


def _rescale(node: Node) -> Recipe:
    layer: Any = node.layer
    factor, offset = Slot(plain(layer.factor), "factor"), Slot(plain(layer.offset), "offset")
    scaled: Term = X if layer.factor == 1 else Infix("*", (X, factor))
    return expression(scaled if layer.offset == 0 else Infix("+", (scaled, offset)))


def _prelu(node: Node) -> Recipe:
    return Recipe(call("nn.PReLU", *fields(node, num_parameters=1, init=0.25)))


def _rbf(node: Node) -> Recipe:
    layer: Any = node.layer
    return Recipe(call("Rbf", given(channels(node), "features"), given(layer.classes, "classes")))


def _capsule(node: Node) -> Recipe:
    layer: Any = node.layer
    below, dim = node.shapes[0]
    sizes = {"capsules_below": below, "dim_below": dim, "capsules": layer.capsules, "dim": layer.dim}
    arguments = [named(name, size) for name, size in sizes.items()]
    return Recipe(call("Capsule", *arguments, Arg(Slot(layer.routings, "routings"), "routings", 3)))


POINTWISE: dict[str, Writer] = {
    "relu": _activation("F.relu", "nn.ReLU", inplace=False),
    "relu6": _activation("F.relu6", "nn.ReLU6", inplace=False),
    "leaky_relu": _activation("F.leaky_relu", "nn.LeakyReLU", negative_slope=0.01, inplace=False),
    "prelu": _prelu,
    "elu": _activation("F.elu", "nn.ELU", alpha=1, inplace=False),
    "selu": _activation("F.selu", "nn.SELU", inplace=False),
    "celu": _activation("F.celu", "nn.CELU", alpha=1, inplace=False),
    "gelu": _activation("F.gelu", "nn.GELU", approximate="none"),
    "silu": _activation("F.silu", "nn.SiLU", inplace=False),
    "mish": _activation("F.mish", "nn.Mish", inplace=False),
    "sigmoid": _activation("torch.sigmoid", "nn.Sigmoid"),
    "tanh": _activation("torch.tanh", "nn.Tanh"),
    "abs": lambda node: expression(call("torch.abs", X)),
    "hardswish": _activation("F.hardswish", "nn.Hardswish", inplace=False),
    "hardsigmoid": _activation("F.hardsigmoid", "nn.Hardsigmoid", inplace=False),
    "hardtanh": _activation("F.hardtanh", "nn.Hardtanh", min_val=-1, max_val=1, inplace=False),
    "softplus": _activation("F.softplus", "nn.Softplus", beta=1, threshold=20),
    "rescale": _rescale,
    "softmax": _softmax("F.softmax", "nn.Softmax"),
    "log_softmax": _softmax("F.log_softmax", "nn.LogSoftmax"),
    "batchnorm": _norm("nn.BatchNorm{}d", eps=1e-5, momentum=0.1, affine=True, track_running_stats=True),
    "instancenorm": _norm("nn.InstanceNorm{}d", eps=1e-5, momentum=0.1, affine=False, track_running_stats=False),
    "groupnorm": _groupnorm,
    "layernorm": _layernorm,
    "lrn": _lrn,
    "l2norm": _l2norm,
    "scale": _scale,
    "dropout": _dropout,
    "identity": lambda node: Recipe(call("nn.Identity"), X, registered=False),
    "linear": _linear,
    "rbf": _rbf,
    "capsule": _capsule,
}
