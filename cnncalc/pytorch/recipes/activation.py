"""Recipes of elementwise functions and softmax."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, expression, fields, function, pointwise
from cnncalc.pytorch.recipes.terms import Infix, Slot, Term, X, call, plain


def _prelu(node: Node) -> Recipe:
    return Recipe(call("nn.PReLU", *fields(node, num_parameters=1, init=0.25)), role="wraps")


def _rescale(node: Node) -> Recipe:
    layer: Any = node.layer
    factor, offset = Slot(plain(layer.factor), "factor"), Slot(plain(layer.offset), "offset")
    scaled: Term = X if layer.factor == 1 else Infix("*", (X, factor))
    return expression(scaled if layer.offset == 0 else Infix("+", (scaled, offset)))


def _softmax(name: str, module: str) -> Writer:
    return lambda node: function(name, module, *fields(node, dim=None))


ACTIVATION: dict[str, Writer] = {
    "relu": pointwise("F.relu", "nn.ReLU", inplace=False),
    "relu6": pointwise("F.relu6", "nn.ReLU6", inplace=False),
    "leaky_relu": pointwise("F.leaky_relu", "nn.LeakyReLU", negative_slope=0.01, inplace=False),
    "prelu": _prelu,
    "elu": pointwise("F.elu", "nn.ELU", alpha=1, inplace=False),
    "selu": pointwise("F.selu", "nn.SELU", inplace=False),
    "celu": pointwise("F.celu", "nn.CELU", alpha=1, inplace=False),
    "gelu": pointwise("F.gelu", "nn.GELU", approximate="none"),
    "silu": pointwise("F.silu", "nn.SiLU", inplace=False),
    "mish": pointwise("F.mish", "nn.Mish", inplace=False),
    "sigmoid": pointwise("torch.sigmoid", "nn.Sigmoid"),
    "tanh": pointwise("torch.tanh", "nn.Tanh"),
    "abs": lambda node: expression(call("torch.abs", X)),
    "hardswish": pointwise("F.hardswish", "nn.Hardswish", inplace=False),
    "hardsigmoid": pointwise("F.hardsigmoid", "nn.Hardsigmoid", inplace=False),
    "hardtanh": pointwise("F.hardtanh", "nn.Hardtanh", min_val=-1, max_val=1, inplace=False),
    "softplus": pointwise("F.softplus", "nn.Softplus", beta=1, threshold=20),
    "rescale": _rescale,
    "softmax": _softmax("F.softmax", "nn.Softmax"),
    "log_softmax": _softmax("F.log_softmax", "nn.LogSoftmax"),
}
