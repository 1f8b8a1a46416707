"""Recipes of layers that merge several tensors, or have one of their own."""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, expression, fields, fold, reads
from cnncalc.pytorch.recipes.terms import Arg, Listed, Slot, call


def _concat(node: Node) -> Recipe:
    return expression(call("torch.cat", Listed(reads(node)), *fields(node, dim=0)), role="joins")


def _own(name: str, **more: Any) -> Writer:  # noqa: ANN401
    """Return a writer for a module that has a tensor of its own; one without inputs reads the network's, for its
    batch."""

    def write(node: Node) -> Recipe:
        layer: Any = node.layer
        shape = Arg(Slot(list(layer.shape or node.shapes[0]), "shape"))
        return Recipe(call(name, shape, *fields(node, merge="none", dim=2, **more)))

    return write


MERGE: dict[str, Writer] = {
    "add": fold("+"),
    "subtract": fold("-"),
    "multiply": fold("*"),
    "divide": fold("/"),
    "matmul": fold("@"),
    "concat": _concat,
    "parameter": _own("Learned"),
    "constant": _own("Constant", buffer=False, value=None),
}
