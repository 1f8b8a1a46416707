"""Transposed convolution: the layer that maps the output of a convolution back to the size of its input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.convolution import cost_of_products, with_bias
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Count, Flag, Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders, convolved
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import Routes, Spread
from cnncalc.layers.routes import spatial
from cnncalc.layers.saved import INPUT, Saved
from cnncalc.layers.shapes import require_divisible
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, maximum


class ConvTranspose(Layer):
    """Transposed convolution (deconvolution, up-convolution)."""

    kind: ClassVar[str] = "conv_transpose"
    saves: ClassVar[Saved | None] = INPUT
    weighs: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    positions: ClassVar[Positions] = "resampled"

    out_channels: Size = arg(Count("number of output channels"))
    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"))
    stride: tuple[Size, ...] = arg(PerAxis("step in the output per step in the input"), 1)
    padding: tuple[Pair, ...] = arg(Padding("rows removed from each side of the output", also=()), 0)
    output_padding: tuple[Size, ...] = arg(PerAxis("extra rows on the high side of the output", least=0), 0)
    groups: Size = arg(Count("number of channel groups that do not mix"), 1)
    bias: bool = arg(Flag("trainable constant per channel"), True)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that an input row writes"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_channels, …], each axis S·(N − 1) + D·(F − 1) + 1 − P_low − P_high + output_padding.

        Source: Dumoulin and Visin, arXiv:1603.07285, relationship 14; the dilation is PyTorch's.
        """
        channels, sizes = map_of(self.kind, single(inputs))
        require_divisible(self.kind, channels, "in_channels", self.groups, "groups", require)
        require_divisible(self.kind, self.out_channels, "out_channels", self.groups, "groups", require)
        self._require_output_padding(require)
        axes = zip(sizes, self.kernel_size, self.stride, self.padding, self.dilation, self.output_padding, strict=True)
        outs = tuple(s * (n - 1) + d * (f - 1) + 1 - low - high + extra for n, f, s, (low, high), d, extra in axes)
        for out in outs:
            require(out >= 1, partial(_all_gone, out))
        return (self.out_channels, *outs)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[in_channels, out_channels/groups, *kernel_size]."""
        weight = (single(inputs)[0], self.out_channels // self.groups, *self.kernel_size)
        return with_bias(weight, (self.out_channels,), self.bias)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per input element, out_channels/groups·kernel MACs; per output element, an addition for the bias."""
        macs = numel(single(inputs)) * (self.out_channels // self.groups) * numel(self.kernel_size)
        return cost_of_products(macs, numel(output), self.bias)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is; oneDNN refuses an output padding of a stride or more, over three axes too."""
        refused = len(output) == 4 and any(
            isinstance(extra, int) and extra >= stride
            for extra, stride in zip(self.output_padding, self.stride, strict=True)
        )
        return None if refused else convolved(before[0], single(inputs), output)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """(i + P_low − D·u)/S where that is an integer."""
        axes = zip(self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return spatial((Spread(f, s, low, d) for f, s, (low, _), d in axes), mixed=True)

    def _require_output_padding(self, require: Require) -> None:
        """Require output padding to select among the input sizes that one stride maps to the same output."""
        for extra, stride, dilation in zip(self.output_padding, self.stride, self.dilation, strict=True):
            require(extra < maximum(stride, dilation), partial(_too_much, extra, stride, dilation))


def _all_gone(out: Size) -> LayerError:
    return LayerError(f"the padding of conv_transpose leaves an output of {out}", field="padding")


def _too_much(extra: Size, stride: Size, dilation: Size) -> LayerError:
    return LayerError(
        f"conv_transpose: output_padding (={extra}) must be smaller than stride (={stride}) or dilation (={dilation})",
        field="output_padding",
    )
