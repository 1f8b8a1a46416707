"""Layers in which one half of the input gates the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.activation import Activation, Gelu, Relu, Sigmoid, Silu, Tanh
from cnncalc.layers.fields import Choice
from cnncalc.layers.indices import Dimension
from cnncalc.layers.layer import Layer, Require, Shape, arg, single
from cnncalc.layers.memory_order import Order, Orders, close_gaps
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import Axis, Route, Routes, Slide
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import INPUT, Saved, SavedTensor, Wanted
from cnncalc.layers.shapes import dimension, require_divisible
from cnncalc.quantities.sizes import numel

GATES: dict[str, type[Activation]] = {
    "sigmoid": Sigmoid, "silu": Silu, "gelu": Gelu, "relu": Relu, "tanh": Tanh,
}  # fmt: skip


class Glu(Layer):
    """The first half of the input times an activation of the second (Dauphin et al., arXiv:1612.08083)."""

    kind: ClassVar[str] = "glu"
    natural: ClassVar[str | None] = "gate"

    dim: int = arg(Dimension("the dimension whose halves are multiplied (channels are 1)"), 1)
    gate: str = arg(Choice("the activation of the second half", tuple(GATES)), "sigmoid")

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape, with half as many along `dim`."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        require_divisible(self.kind, shape[index], f"size {index + 1}", 2, "dim", require)
        return (*shape[:index], shape[index] // 2, *shape[index + 1 :])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """The activation of the second half, and a product per output element."""
        cost = GATES[self.gate].make({}, None).operations((output,), output)
        return cost and cost + Operations(multiply=numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; unless the gate is a sigmoid, which `F.glu` computes again, the gate too."""
        return INPUT if self.gate == "sigmoid" else INPUT.and_own(SavedTensor(numel(output), "gate"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The element at its position in both halves."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        first = row_by_row(len(shape))
        second = list(first)
        second[index] = Axis(Slide(low=-(shape[index] // 2)), index)
        return (Route(0, first), Route(0, tuple(second)))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """The order of the input."""
        return close_gaps(before[0])
