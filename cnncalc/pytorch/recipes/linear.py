"""Layers that weigh every number of a vector: linear, radial basis functions, capsules."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import OWN, Recipe, Role, Writer, channels, fields, rank
from cnncalc.pytorch.recipes.terms import Arg, Method, Slot, Text, X, call, given, named


def over_axis(node: Node, module: str, size: str, *more: Arg, role: Role = "") -> Recipe:
    """A module that acts on the last axis and begins with its size; over the channels of a map, given them as that."""
    layer: Any = node.layer
    by_channel = layer.axis == "channels" and rank(node) > 0
    made = call(module, given(node.shapes[0][0 if by_channel else -1], size), *more)
    if not by_channel:
        return Recipe(made, role=role)
    last = Method(X, "movedim", (Arg(Text("1")), Arg(Text("-1"))))
    run = Method(call(OWN.function, last), "movedim", (Arg(Text("-1")), Arg(Text("1"))))
    return Recipe(made, run, role=role)


def _linear(node: Node) -> Recipe:
    layer: Any = node.layer
    return over_axis(
        node, "nn.Linear", "in_features", given(layer.out_features, "out_features"), *fields(node, bias=True)
    )


def _rbf(node: Node) -> Recipe:
    layer: Any = node.layer
    return Recipe(call("Rbf", given(channels(node), "features"), given(layer.classes, "classes")))


def _capsule(node: Node) -> Recipe:
    layer: Any = node.layer
    below, dim = node.shapes[0]
    sizes = {"capsules_below": below, "dim_below": dim, "capsules": layer.capsules, "dim": layer.dim}
    arguments = [named(name, size) for name, size in sizes.items()]
    return Recipe(call("Capsule", *arguments, Arg(Slot(layer.routings, "routings"), "routings", 3)))


LINEAR: dict[str, Writer] = {"linear": _linear, "rbf": _rbf, "capsule": _capsule}
