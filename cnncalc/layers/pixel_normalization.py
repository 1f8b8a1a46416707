"""Normalization of every pixel over its channels, without trainable weights."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.fields import Count, Number
from cnncalc.layers.indices import Dimensions
from cnncalc.layers.layer import Require, Shape, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders, is_contiguous
from cnncalc.layers.operations import Operations, cost_of_sums
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import across
from cnncalc.layers.saved import INPUT, Saved, SavedTensor, Wanted
from cnncalc.layers.shapes import reduced_axes
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class Lrn(Elementwise):
    """Local response normalization across neighbouring channels (Krizhevsky 2012, section 3.3)."""

    kind: ClassVar[str] = "lrn"
    natural: ClassVar[str | None] = "size"
    normalizes: ClassVar[bool] = True

    size: Size = arg(Count("number of neighbouring channels in the sum"))
    alpha: int | Fraction = arg(Number("factor of the sum"), Fraction("1e-4"))
    beta: int | Fraction = arg(Number("exponent of the denominator"), Fraction("0.75"))
    k: int | Fraction = arg(Number("added to the sum"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape: a map."""
        map_of(self.kind, single(inputs))
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """x/(k + α/n·Σx²)^β: per element a square, n − 1 additions, α/n, k, a power and a division."""
        numbers = numel(output)
        return Operations(add=numbers * self.size, multiply=2 * numbers, power=numbers, divide=numbers)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; the squares, padded by n − 1 channels; the denominator, before and after the power."""
        numbers = numel(output)
        squares = numbers // output[0] * (output[0] + self.size - 1)
        return INPUT.and_own(SavedTensor(squares, "squares"), SavedTensor(2 * numbers, "denominator"))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """As every elementwise layer; a volume is made contiguous first."""
        return None if len(output) == 4 else super().order(inputs, output, before, reuses)

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """A copy of a volume that is not contiguous."""
        shape = single(inputs)
        return (0,) if len(shape) == 4 and not is_contiguous(before[0], shape) else ()

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The channels of its own pixel."""
        return across(single(inputs), 0)


class L2Norm(Elementwise):
    """Elements divided by their Euclidean norm, over the channels unless `dim` says otherwise.

    Source: Liu, Rabinovich, Berg, ParseNet, arXiv:1506.04579.
    """

    kind: ClassVar[str] = "l2norm"
    normalizes: ClassVar[bool] = True
    hides_gradient: ClassVar[bool] = True

    eps: int | Fraction = arg(Number("lower bound of the length"), Fraction("1e-12"))
    dim: tuple[int, ...] | str = arg(
        Dimensions("the dimensions of the norm (channels are 1), or `spatial`", ("spatial",)), 1
    )

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        self._axes(single(inputs))
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A square and a division per element; per norm of n, n − 1 additions, a root and a comparison with eps."""
        numbers, norms = numel(output), self._norms(output)
        squares = Operations(multiply=numbers, divide=numbers, sqrt=norms, compare=norms)
        return squares + cost_of_sums(numbers, norms)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; every length, before and after the bound."""
        return INPUT.and_own(SavedTensor(2 * self._norms(output), "lengths"))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All elements of its norm."""
        shape = single(inputs)
        return across(shape, *self._axes(shape))

    def _axes(self, shape: Shape) -> set[int]:
        return reduced_axes(self.kind, self.dim, shape)

    def _norms(self, shape: Shape) -> Size:
        """The number of norms."""
        axes = self._axes(shape)
        return numel(tuple(size for axis, size in enumerate(shape) if axis not in axes))
