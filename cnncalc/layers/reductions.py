"""Layers that reduce some dimensions to a number, as `mean` does, or add up along one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.fields import Count
from cnncalc.layers.indices import Dimension
from cnncalc.layers.layer import Require, Shape, arg, single
from cnncalc.layers.memory_order import Order, Orders
from cnncalc.layers.operations import Operations, cost_of_maxima, cost_of_sums
from cnncalc.layers.ranges import POSITIVE, Range
from cnncalc.layers.reading import Axis, Route, Routes, Slide
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import INPUT, NONE, Saved
from cnncalc.layers.selection import Mean
from cnncalc.layers.shapes import dimension
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class Sum(Mean):
    """The sum over some dimensions, which are removed; by default over the spatial ones."""

    kind: ClassVar[str] = "sum"
    bounded: ClassVar[bool] = False
    keeps_sign: ClassVar[bool] = True

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, one addition fewer than elements added."""
        return cost_of_sums(numel(single(inputs)), numel(output))


class Max(Mean):
    """The largest element over some dimensions, which are removed; by default over the spatial ones."""

    kind: ClassVar[str] = "max"
    saves: ClassVar[Saved | None] = Saved(inputs=(0,), output=True)
    linear: ClassVar[bool] = False
    hides_gradient: ClassVar[bool] = True
    stand_in: ClassVar[str | None] = "mean"

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, one comparison fewer than elements compared."""
        return cost_of_maxima(numel(single(inputs)), numel(output))


class Var(Mean):
    """The variance over some dimensions, which are removed; by default over the spatial ones."""

    kind: ClassVar[str] = "var"
    saves: ClassVar[Saved | None] = INPUT
    bounded: ClassVar[bool] = False
    linear: ClassVar[bool] = False
    output_range: ClassVar[Range | None] = POSITIVE
    hides_gradient: ClassVar[bool] = True
    stand_in: ClassVar[str | None] = "mean"

    correction: Size = arg(Count("the sum of squares of n elements is divided by n minus this", 0), 1)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """The mean, the differences from it, their squares and the mean of those: 5x for x elements."""
        read, out = numel(single(inputs)), numel(output)
        return Operations(add=3 * read - 2 * out, multiply=read, divide=2 * out)


class Std(Var):
    """The standard deviation over some dimensions, which are removed; by default over the spatial ones."""

    kind: ClassVar[str] = "std"
    saves: ClassVar[Saved | None] = Saved(inputs=(0,), output=True)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """The variance, and a root per output element."""
        return super().operations(inputs, output) + Operations(sqrt=numel(output))


class Cumsum(Elementwise):
    """The sum of an element and all before it along a dimension."""

    kind: ClassVar[str] = "cumsum"
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "dim"
    linear: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = True

    dim: int = arg(Dimension("the dimension along which to add up (channels are 1)"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        dimension(self.kind, self.dim, single(inputs))
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """An addition per element, but for the first ones."""
        numbers = numel(output)
        return Operations(add=numbers - numbers // output[dimension(self.kind, self.dim, output)])

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Along its dimension, the rows up to its own."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        axes = list(row_by_row(len(shape)))
        axes[index] = Axis(Slide(kernel=shape[index], low=shape[index] - 1), index)
        return (Route(0, tuple(axes)),)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Contiguous."""
        return None
