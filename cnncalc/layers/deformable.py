"""Convolution whose windows read at positions that the network computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.convolution import cost_of_products, with_bias
from cnncalc.layers.fields import Count, Flag, Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, text
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import UNKNOWN, WHOLE, Route, Routes
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.sampling import cost_of_reading
from cnncalc.layers.saved import Saved, Wanted
from cnncalc.layers.shapes import require_divisible
from cnncalc.layers.sliding import outputs, padded_copy, sliding
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class DeformConv(Layer):
    """Deformable convolution: every element of a window is read at its own offset (Dai et al., 2017)."""

    kind: ClassVar[str] = "deform_conv"
    inputs: ClassVar[tuple[int, int | None]] = (2, 3)
    weighs: ClassVar[bool] = True

    out_channels: Size = arg(Count("number of filters: the output channels"))
    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"))
    stride: tuple[Size, ...] = arg(PerAxis("step from one window to the next"), 1)
    padding: tuple[Pair, ...] | str = arg(Padding("rows added to each side"), 0)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that a window reads"), 1)
    groups: Size = arg(Count("number of channel groups that do not mix"), 1)
    offset_groups: Size = arg(Count("number of channel groups with offsets of their own"), 1)
    bias: bool = arg(Flag("trainable constant per filter"), True)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        _, sizes = map_of(self.kind, inputs[0])
        return sliding(sizes, self.kernel_size, self.stride, self.padding, self.dilation)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_channels, *windows] from a map, offsets [2·offset_groups·kernel, *windows] (down, right), and optionally
        factors [offset_groups·kernel, *windows] for what is read.
        """
        channels, sizes = map_of(self.kind, inputs[0])
        if len(sizes) != 2:
            raise LayerError(f"deform_conv needs a map of two spatial axes, got {text(inputs[0])}")
        require_divisible(self.kind, channels, "in_channels", self.groups, "groups", require)
        require_divisible(self.kind, self.out_channels, "out_channels", self.groups, "groups", require)
        require_divisible(self.kind, channels, "in_channels", self.offset_groups, "offset_groups", require)
        output = (self.out_channels, *outputs(self.kind, inputs[0], self.windows(inputs), require))
        taps = self.offset_groups * numel(self.kernel_size)
        self._require_shape("offsets", inputs[1], (2 * taps, *output[1:]), require)
        if len(inputs) > 2:
            self._require_shape("factors", inputs[2], (taps, *output[1:]), require)
        return output

    def _require_shape(self, what: str, shape: Shape, wanted: Shape, require: Require) -> None:
        def wrong() -> LayerError:
            return LayerError(f"{self.kind} needs {what} of {text(wanted)}, got {text(shape)}")

        if len(shape) != len(wanted):
            raise wrong()
        for size, expected in zip(shape, wanted, strict=True):
            require(relation_eq(size, expected), wrong)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[out_channels, in_channels/groups, *kernel_size], and a bias, as in `conv`."""
        per_filter = (self.out_channels, inputs[0][0] // self.groups)
        return with_bias((*per_filter, *self.kernel_size), (self.out_channels,), self.bias)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Those of `conv`; before, each element read is interpolated from 4 pixels, and multiplied by its factor.

        Offsets are added to 2 coordinates per position and element of the filter.
        """
        positions, kernel = numel(output[1:]), numel(self.kernel_size)
        macs = positions * self.out_channels * (inputs[0][0] // self.groups) * kernel
        values, points = inputs[0][0] * kernel * positions, self.offset_groups * kernel * positions
        factors = Operations(multiply=values if len(inputs) > 2 else 0, add=2 * points)
        return cost_of_products(macs, numel(output), self.bias) + cost_of_reading(values, points) + factors

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """All inputs, since what was interpolated is computed again; uneven padding makes a copy of the map."""
        windows = self.windows(inputs)
        if all(window.low == window.high for window in windows):
            return Saved(inputs=tuple(range(len(inputs))))
        return Saved(inputs=tuple(range(1, len(inputs)))).and_own(padded_copy(inputs[0][0], windows))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Its own offsets and factors; of the map, all channels of rows that the offsets decide."""
        own = (WHOLE, *row_by_row(2, 1))
        return (Route(0, (WHOLE, UNKNOWN, UNKNOWN)), *(Route(source, own) for source in range(1, len(inputs))))
