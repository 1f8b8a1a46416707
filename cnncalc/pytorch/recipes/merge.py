"""Recipes of layers that merge several tensors."""

from __future__ import annotations

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.recipe import Recipe, Writer, expression, fields, fold, reads
from cnncalc.pytorch.recipes.terms import Listed, call


def _concat(node: Node) -> Recipe:
    return expression(call("torch.cat", Listed(reads(node)), *fields(node, dim=0)), role="joins")


MERGE: dict[str, Writer] = {
    "add": fold("+"),
    "subtract": fold("-"),
    "multiply": fold("*"),
    "matmul": fold("@"),
    "concat": _concat,
}
