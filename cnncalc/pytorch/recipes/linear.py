"""Recipes of dense layers: linear, radial basis functions, capsules."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Role, Writer, channels, expression, fields, function, rank
from cnncalc.pytorch.recipes.terms import Arg, Method, Slot, Text, X, call, keyword, positional


def over_axis(node: Node, module: str, size: str, *more: Arg, role: Role = "") -> Recipe:
    """Return the recipe of a module that acts on the last axis; for `axis: channels`, the channels are moved there."""
    layer: Any = node.layer
    by_channel = layer.axis == "channels" and rank(node) > 0
    shape = node.shapes[0]
    several = layer.axis in ("spatial", "all") and rank(node) > 0
    sizes: Any = list(layer.normalized_shape(shape)) if several else shape[0 if by_channel else -1]
    made = call(module, positional(sizes, size), *more)
    if not by_channel:
        return Recipe(made, role=role)
    last = Method(X, "movedim", (Arg(Text("1")), Arg(Text("-1"))))
    run = Method(call(OWN.function, last), "movedim", (Arg(Text("-1")), Arg(Text("1"))))
    return Recipe(made, run, role=role)


def _linear(node: Node) -> Recipe:
    layer: Any = node.layer
    return over_axis(
        node, "nn.Linear", "in_features", positional(layer.out_features, "out_features"), *fields(node, bias=True)
    )


def _rbf(node: Node) -> Recipe:
    layer: Any = node.layer
    return Recipe(call("Rbf", positional(channels(node), "features"), positional(layer.classes, "classes")))


def _capsule(node: Node) -> Recipe:
    layer: Any = node.layer
    below, dim = node.shapes[0]
    sizes = {"capsules_below": below, "dim_below": dim, "capsules": layer.capsules, "dim": layer.dim}
    arguments = [keyword(name, size) for name, size in sizes.items()]
    return Recipe(call("Capsule", *arguments, Arg(Slot(layer.routings, "routings"), "routings", 3)))


def _embedding(node: Node) -> Recipe:
    """The input is a float tensor as any other; what is not in the table reads its nearest end."""
    layer: Any = node.layer
    sizes = positional(layer.num_embeddings, "num_embeddings"), positional(layer.embedding_dim, "embedding_dim")
    numbers = Method(Method(X, "long", ()), "clamp", (Arg(Text("0")), Arg(Slot(layer.num_embeddings - 1, "last"))))
    run = Method(call(OWN.function, numbers), "movedim", (Arg(Text("-1")), Arg(Text("1"))))
    return Recipe(call("nn.Embedding", *sizes), run)


def _glu(node: Node) -> Recipe:
    layer: Any = node.layer
    if layer.gate == "sigmoid":
        return function("F.glu", "nn.GLU", keyword("dim", layer.dim, -1))
    return expression(call("gated", X, Text(f"F.{layer.gate}"), positional(layer.dim, "dim")))


LINEAR: dict[str, Writer] = {"linear": _linear, "embedding": _embedding, "glu": _glu, "rbf": _rbf, "capsule": _capsule}
