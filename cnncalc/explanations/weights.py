"""Parameters, term by term: the sizes of each weight multiplied, and the sum over weights."""

from __future__ import annotations

from cnncalc.analysis.parameters import total
from cnncalc.explanations.formula import Formula, Letter, Value, product
from cnncalc.explanations.steps import POSITIONS, C, F, G, K, Step
from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import numel


def weight_steps(node: Node) -> list[Step]:
    """One step per weight and, if there are several, their sum; empty for a layer without weights."""
    if node.shares is not None:
        return [Step("parameters", note=f"shared with {node.shares} and counted there")]
    steps = [_step(node, name, shape) for name, shape in node.weights.items()]
    if len(steps) > 1:
        numbers = [numel(shape) for shape in node.weights.values()]
        letters = [Letter(f"{name}") for name in node.weights]
        formula: Formula = letters[0]
        for letter in letters[1:]:
            formula = formula + letter
        values: dict[str, Value] = dict(zip(node.weights, numbers, strict=True))
        steps.append(Step("parameters", formula, values, (total(numbers),)))
    return steps + [_buffers(node)] * bool(node.buffers)


def _step(node: Node, name: str, shape: Shape) -> Step:
    factors, values = _letters(node, name, shape)
    return Step(_LABELS.get(name, name), product(factors), values, (numel(shape),))


def _buffers(node: Node) -> Step:
    names = ", ".join(node.buffers)
    return Step("buffers", note=f"{names}: stored, not trained", results=(total(map(numel, node.buffers.values())),))


def _letters(node: Node, name: str, shape: Shape) -> tuple[list[Formula], dict[str, Value]]:
    """The letters of a weight's sizes, and their values; d_1, d_2, … if there are no usual letters."""
    groups = getattr(node.layer, "groups", 1)
    channels: Formula = C if groups == 1 else C / G
    if not node.shapes:
        return _own_letters(shape)
    values: dict[str, Value] = {"C": node.shapes[0][0], "K": node.output[0], "G": groups}
    if name == "weight" and node.kind == "conv_transpose":
        return _filter([C, K if groups == 1 else K / G], shape[2:], values)
    if name == "weight" and hasattr(node.layer, "groups") and len(shape) == len(node.shapes[0]) + 1:  # a convolution
        return _filter([K, channels], shape[2:], values)
    if node.kind == "locally_connected":  # a separate convolution kernel at every position
        values["positions"] = numel(node.output[1:])
        kernel = shape[len(node.output) + 1 :]
        return _filter([POSITIONS, K, C], kernel, values) if name == "weight" else ([POSITIONS, K], values)
    if name == "weight" and node.kind == "linear":
        return [K, C], values | {"K": shape[0], "C": shape[1]}
    if len(shape) == 1 and name in _LABELS and shape[0] in (node.output[0], node.shapes[0][0]):
        letter = K if node.layer.weighs else C
        return [letter], {letter.name: shape[0]}
    return _own_letters(shape)


def _own_letters(shape: Shape) -> tuple[list[Formula], dict[str, Value]]:
    """d_1, d_2, …"""
    own = [Letter(f"d_{number}") for number in range(1, len(shape) + 1)]
    return list(own), {letter.name: size for letter, size in zip(own, shape, strict=True)}


def _filter(front: list[Formula], kernel: Shape, values: dict[str, Value]) -> tuple[list[Formula], dict[str, Value]]:
    """The kernel sizes: F for all axes if they agree, else F_1, F_2, …"""
    if len(set(kernel)) == 1:
        return [*front, *[F] * len(kernel)], values | {"F": kernel[0]}
    own = [Letter(f"F_{number}") for number in range(1, len(kernel) + 1)]
    return [*front, *own], values | {letter.name: size for letter, size in zip(own, kernel, strict=True)}


_LABELS = {"weight": "weights", "bias": "biases"}
