"""Normalization by a length alone, without centring: root mean squares, and the responses of channels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.fields import Flag, Number
from cnncalc.layers.layer import NO_WEIGHTS, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.normalization import NORMALIZED, AlongAxis, per_channel
from cnncalc.layers.operations import Operations, affine, cost_of_sums
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import everything, pointwise
from cnncalc.layers.saved import INPUT, NONE, Saved, SavedTensor, Wanted
from cnncalc.quantities.sizes import numel


class RmsNorm(AlongAxis):
    """Division by the root mean square along one or several axes (Zhang, Sennrich, arXiv:1910.07467)."""

    kind: ClassVar[str] = "rmsnorm"

    eps: int | Fraction | None = arg(
        Number("added to the mean of squares; default: the smallest step of the dtype at 1"), None
    )
    elementwise_affine: bool = arg(Flag("trainable scale per element of the axes"), True)
    axis: str | None = arg(NORMALIZED, None)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale per element of the axes."""
        return {"weight": self.normalized_shape(output)} if self.elementwise_affine else NO_WEIGHTS

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per element a square, an addition, the product with 1/rms and with γ; per row a mean and 1/√(… + ε)."""
        numbers = numel(output)
        rows = self.rows(output)
        squares = Operations(add=numbers, multiply=2 * numbers, divide=2 * rows, sqrt=rows)
        return squares + affine(numbers, self.elementwise_affine, constant=False)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, 1/rms of every row of the axes, and for the gradient of γ their product."""
        numbers = numel(output)
        rows = self.rows(output)
        saved = INPUT.and_own(SavedTensor(rows, "1/rms")) if wanted.any_input else NONE
        return saved.and_own(SavedTensor(numbers, "x/rms")) if wanted.weights else saved


class Grn(Elementwise):
    """Global response normalization of ConvNeXt V2 (Woo et al., arXiv:2301.00808): γ·x·N + β + x.

    N is the Euclidean norm of each channel over its map, divided by the mean of those of all channels.
    """

    kind: ClassVar[str] = "grn"
    normalizes: ClassVar[bool] = True

    eps: int | Fraction = arg(Number("added to the mean of the lengths"), Fraction("1e-6"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape: a map."""
        map_of(self.kind, single(inputs))
        return super().output(inputs, require)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """A scale and a shift per channel."""
        return per_channel(output)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per element a square and its sum, the products with N and γ, and two additions; per channel √ and N."""
        numbers, channels = numel(output), output[0]
        lengths = Operations(multiply=numbers, sqrt=channels, divide=channels + 1, add=channels)
        return lengths + cost_of_sums(numbers, channels) + Operations(multiply=2 * numbers, add=2 * numbers)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; the lengths, N, and their mean; for the gradient of γ, x·N."""
        saved = INPUT.and_own(SavedTensor(2 * output[0] + 1, "lengths")) if wanted.any_input else NONE
        return saved.and_own(SavedTensor(numel(output), "x·N")) if wanted.weights else saved

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Everything, for the lengths of all channels."""
        shape = single(inputs)
        return pointwise(shape) + everything(shape)
