"""Convolution whose weights are standardized in every run."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.convolution import cost_of_products, with_bias
from cnncalc.layers.fields import Count, Flag, Number, Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders, convolved
from cnncalc.layers.operations import Operations
from cnncalc.layers.saved import FLOAT32, INPUT, NONE, Saved, SavedTensor, Wanted
from cnncalc.layers.shapes import require_divisible
from cnncalc.layers.sliding import outputs, padded_copy, sliding
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class StdConv(Layer):
    """Convolution with standardized weights: mean 0 and variance 1 in each filter.

    w ← (w − mean)/√(variance + eps) (Qiao, Wang, Liu, Shen, Yuille, arXiv:1903.10520); with a trainable gain, times
    gain·gamma/√n for the n weights of a filter (Brock, De, Smith, arXiv:2101.08692).
    """

    kind: ClassVar[str] = "std_conv"
    weighs: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    late_gradients: ClassVar[frozenset[str]] = frozenset({"gain"})

    out_channels: Size = arg(Count("number of filters: the output channels"))
    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"))
    stride: tuple[Size, ...] = arg(PerAxis("step from one window to the next"), 1)
    padding: tuple[Pair, ...] | str = arg(Padding("rows of zeros added to each side"), 0)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that a window reads"), 1)
    groups: Size = arg(Count("number of channel groups that do not mix"), 1)
    bias: bool = arg(Flag("trainable constant per filter"), True)
    gain: bool = arg(Flag("a trainable factor per filter, times gamma/√n"), False)
    gamma: int | Fraction = arg(Number("fixed factor of the gain, for the activation before it"), 1)
    eps: int | Fraction = arg(Number("added to the variance", 0), Fraction("1e-6"))

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        _, sizes = map_of(self.kind, single(inputs))
        return sliding(sizes, self.kernel_size, self.stride, self.padding, self.dilation)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_channels, *windows]."""
        channels, _ = map_of(self.kind, single(inputs))
        require_divisible(self.kind, channels, "in_channels", self.groups, "groups", require)
        require_divisible(self.kind, self.out_channels, "out_channels", self.groups, "groups", require)
        require(self._filter_size(channels) >= 2, _one_weight)
        return (self.out_channels, *outputs(self.kind, single(inputs), self.windows(inputs), require))

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """Those of a convolution, and the gain: [out_channels, 1, …]."""
        shape = (self.out_channels, single(inputs)[0] // self.groups, *self.kernel_size)
        weights = with_bias(shape, (self.out_channels,), self.bias)
        return {**weights, "gain": (self.out_channels, *[1] * (len(shape) - 1))} if self.gain else weights

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Those of a convolution: the weights depend on no input, and could be standardized once."""
        macs = numel(output) * self._filter_size(single(inputs)[0])
        return cost_of_products(macs, numel(output), self.bias)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or its padded copy if the padding is uneven; the standardized weights, and what they need."""
        windows, channels = self.windows(inputs), single(inputs)[0]
        uneven = any(window.low != window.high for window in windows)
        numbers = self.out_channels * self._filter_size(channels)
        saved = NONE.and_own(padded_copy(channels, windows)) if uneven else INPUT
        own = [SavedTensor(numbers, "standardized weights", each=False)]
        if wanted.weights:
            own.append(SavedTensor(2 * self.out_channels, "mean and 1/σ of filters", least=FLOAT32, each=False))
            if self.gain:
                own.append(SavedTensor(self.out_channels, "gain of filters", each=False))
        return saved.and_own(*own)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is."""
        return convolved(before[0], single(inputs), output)

    def _filter_size(self, channels: Size) -> Size:
        return channels // self.groups * numel(self.kernel_size)


def _one_weight() -> LayerError:
    return LayerError("std_conv: a filter of one weight cannot be standardized", field="kernel_size")
