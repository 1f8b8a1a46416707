"""Shape arithmetic of layers that do not slide."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.explanations.formula import Formula, Letter, Value, product
from cnncalc.explanations.formulas import transposed
from cnncalc.explanations.steps import C, Step, axis_names, per_axis
from cnncalc.graph import Node
from cnncalc.layers.transposed import ConvTranspose


def shape_steps(node: Node) -> list[Step]:
    """The computation of the output shape; empty if it equals the input shape or is given in the spec."""
    rule = _RULES.get(node.kind)
    return rule(node) if rule else []


def _flatten(node: Node) -> list[Step]:
    """C·H·W."""
    shape = node.shapes[0]
    if len(node.output) != 1 or len(shape) < 2:
        return []
    letters = [C, *map(Letter, axis_names(len(shape) - 1))]
    values: dict[str, Value] = {letter.name: size for letter, size in zip(letters, shape, strict=True)}
    return [Step("features", product(list(letters)), values, (node.output[0],))]


def _concat(node: Node) -> list[Step]:
    """C_1 + C_2 + …"""
    shapes = node.shapes
    if len(shapes) < 2 or len({shape[1:] for shape in shapes}) > 1:
        return []
    letters = [Letter(f"C_{number}") for number in range(1, len(shapes) + 1)]
    formula: Formula = letters[0]
    for letter in letters[1:]:
        formula = formula + letter
    values: dict[str, Value] = {letter.name: shape[0] for letter, shape in zip(letters, shapes, strict=True)}
    return [Step("channels", formula, values, (node.output[0],))]


def _transposed(node: Node) -> list[Step]:
    """S·(N − 1) + D·(F − 1) + 1 − 2P, per axis."""
    assert isinstance(node.layer, ConvTranspose)
    axes = transposed(node.layer, node)
    return per_axis([[Step("size", formula, values, (out,))] for formula, values, out in axes])


_RULES: dict[str, Callable[[Node], list[Step]]] = {
    "flatten": _flatten,
    "concat": _concat,
    "conv_transpose": _transposed,
}
