"""The recipe of an operation without a descriptor: a placeholder with its parameters, which raises when it runs."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, reads
from cnncalc.pytorch.recipes.terms import Arg, Own, Slot, call, keyword


def _unknown(node: Node) -> Recipe:
    layer: Any = node.layer
    module = call(
        "Placeholder",
        Arg(Slot(layer.op, "op")),
        Arg(Slot(list(layer.shape), "shape")),
        keyword("params", layer.params or 0, 0),
        keyword("kept", layer.kept, 0),
    )
    return Recipe(module, call(Own(), *reads(node)))


UNKNOWN: dict[str, Writer] = {"unknown": _unknown}
