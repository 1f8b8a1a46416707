"""Parameters and buffers: what a node owns. Shared weights count once, at the node that owns them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import Size


class Parameters(NamedTuple):
    """Numbers, not bytes: `params` are learnt, `biases` those of them called bias; `trainable` are not frozen."""

    params: Size = 0
    biases: Size = 0
    trainable: Size = 0
    buffers: Size = 0

    def __add__(self, other: object) -> Parameters:
        """The sum, figure by figure."""
        if not isinstance(other, Parameters):
            return NotImplemented
        return Parameters(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def weights(self) -> Size:
        """The learnt numbers that are no biases."""
        return self.params - self.biases


def parameters_of(node: Node) -> Parameters:
    """What a node owns."""
    if node.shares is not None or not (node.weights or node.buffers):
        return Parameters()
    biases = count(node.weights["bias"]) if "bias" in node.weights else 0
    params = total(map(count, node.weights.values()))
    return Parameters(params, biases, 0 if node.frozen else params, total(map(count, node.buffers.values())))


def count(shape: Shape) -> Size:
    """How many numbers a tensor of this shape holds."""
    product: Size = 1
    for size in shape:
        product = product * size
    return product


def total(counts: Iterable[Size]) -> Size:
    """The sum of sizes."""
    result: Size = 0
    for number in counts:
        result = result + number
    return result
