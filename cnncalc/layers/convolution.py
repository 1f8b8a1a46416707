"""Convolutions: layers with weights that slide over a map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Choice, Count, Flag, Padding, Pair, PerAxis
from cnncalc.layers.indices import Table
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders, convolved, make_order
from cnncalc.layers.operations import Operations
from cnncalc.layers.padding import PADDING_MODES, require_reach
from cnncalc.layers.reading import Border, Routes
from cnncalc.layers.routes import by_windows
from cnncalc.layers.saved import INPUT, NONE, Saved, SavedTensor, Wanted, input_if
from cnncalc.layers.shapes import require_divisible
from cnncalc.layers.sliding import outputs, padded_copy, pads, sliding
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class Conv(Layer):
    """Convolution (PyTorch's cross-correlation) over every spatial axis."""

    kind: ClassVar[str] = "conv"
    weighs: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    out_channels: Size = arg(Count("number of filters: the output channels"))
    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"))
    stride: tuple[Size, ...] = arg(PerAxis("step from one window to the next"), 1)
    padding: tuple[Pair, ...] | str = arg(Padding("rows added to each side"), 0)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that a window reads"), 1)
    groups: Size = arg(Count("number of channel groups that do not mix; in_channels for a depthwise convolution"), 1)
    bias: bool = arg(Flag("trainable constant per filter"), True)
    padding_mode: str = arg(Choice("values of the padding", PADDING_MODES), "zeros")
    connections: tuple[tuple[int, ...], ...] | None = arg(
        Table("the input channels that each filter reads (counted from 0), such as the C3 table of LeNet-5"), None
    )

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return _windows(self, inputs)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_channels, *windows]."""
        channels, sizes = map_of(self.kind, single(inputs))
        require_divisible(self.kind, channels, "in_channels", self.groups, "groups", require)
        require_divisible(self.kind, self.out_channels, "out_channels", self.groups, "groups", require)
        self._require_connections(channels, require)
        windows = self.windows(inputs)
        require_reach(self.kind, sizes, pads(windows), self.padding_mode, require)
        return (self.out_channels, *outputs(self.kind, single(inputs), windows, require))

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[out_channels, in_channels/groups, *kernel_size]; with `connections`, one [*kernel_size] per connection."""
        channels = single(inputs)[0]
        per_filter: Shape = (self.out_channels, channels // self.groups)
        if self.connections is not None:
            per_filter = (sum(map(len, self.connections)),)
        return with_bias((*per_filter, *self.kernel_size), (self.out_channels,), self.bias)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, in_channels/groups·kernel MACs and an addition for the bias; with `connections`, its
        rows.
        """
        positions = numel(output[1:])
        read = self.out_channels * (single(inputs)[0] // self.groups)
        if self.connections is not None:
            read = sum(map(len, self.connections))
        return cost_of_products(positions * read * numel(self.kernel_size), numel(output), self.bias)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; or its padded copy, if PyTorch's own zero padding is not enough or `connections` is used."""
        windows = self.windows(inputs)
        padded = self.padding_mode != "zeros" or any(window.low != window.high for window in windows)
        if self.connections is not None:
            padded = any(not isinstance(pad, int) or pad > 0 for pair in pads(windows) for pad in pair)
        elif not padded:
            return INPUT
        channels = single(inputs)[0] if self.connections is None else sum(map(len, self.connections))
        repeats = padded and self.padding_mode in ("reflect", "replicate") and wanted.any_input
        return input_if(repeats).and_own(padded_copy(channels, windows))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is, and its padding keeps that."""
        if self.padding_mode == "circular" or self.connections is not None:
            return None
        return convolved(before[0], single(inputs), output)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """By windows; where padding repeats the input, windows at the border read the repeated rows."""
        return by_windows(self.windows(inputs), _BORDERS[self.padding_mode], mixed=True)

    def _require_connections(self, channels: Size, require: Require) -> None:
        """Require one row per filter, with distinct channels that exist."""
        if self.connections is None:
            return
        rows = len(self.connections)
        if self.groups != 1:
            raise LayerError("conv: connections and groups are mutually exclusive", field="groups")
        require(
            relation_eq(self.out_channels, rows),
            lambda: LayerError(
                f"conv: connections has {rows} rows for {self.out_channels} filters", field="connections"
            ),
        )
        for number, row in enumerate(self.connections):
            if len(set(row)) < len(row):
                raise LayerError(f"conv: row {number} of connections lists a channel twice", field="connections")
            exists = channels > max(row)
            if exists is not True:
                require(exists, partial(_no_channel, max(row), channels))


class LocallyConnected(Layer):
    """Convolution with separate weights at every position (unshared)."""

    kind: ClassVar[str] = "locally_connected"
    weighs: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    out_channels: Size = arg(Count("number of filters: the output channels"))
    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"))
    stride: tuple[Size, ...] = arg(PerAxis("step from one window to the next"), 1)
    padding: tuple[Pair, ...] | str = arg(Padding("rows of zeros added on each side"), 0)
    dilation: tuple[Size, ...] = arg(PerAxis("step between the rows that a window reads"), 1)
    bias: bool = arg(Flag("trainable constant per filter and position"), True)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        return _windows(self, inputs)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[out_channels, *windows]."""
        return (self.out_channels, *outputs(self.kind, single(inputs), self.windows(inputs), require))

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[out_channels, *windows, in_channels, *kernel_size], and a bias of the output's shape."""
        return with_bias((*output, single(inputs)[0], *self.kernel_size), output, self.bias)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, in_channels·kernel MACs and an addition for the bias, as in a convolution."""
        macs = numel(output) * single(inputs)[0] * numel(self.kernel_size)
        return cost_of_products(macs, numel(output), self.bias)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """For the weights' gradient, a copy of the elements that every window reads."""
        if not wanted.weights:
            return NONE
        channels = single(inputs)[0]
        return NONE.and_own(SavedTensor(channels * numel(self.kernel_size) * numel(output[1:]), "windows"))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """One matrix product per position: the positions, the batch, the channels."""
        return make_order((*range(2, len(output) + 1), 0, 1))


_BORDERS: dict[str, Border] = {
    "zeros": "clip",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


def with_bias(weight: Shape, bias: Shape, wanted: bool) -> Weights:
    """The weight, and the bias if `wanted`."""
    return {"weight": weight, "bias": bias} if wanted else {"weight": weight}


def cost_of_products(macs: Size, numbers: Size, bias: bool) -> Operations:
    """MACs, and one addition per output element if there is a bias."""
    return Operations(mac=macs, add=numbers if bias else 0)


def _no_channel(channel: int, channels: Size) -> LayerError:
    return LayerError(
        f"conv: connections lists channel {channel}, but there are {channels} (counted from 0)", field="connections"
    )


def _windows(layer: Conv | LocallyConnected, inputs: Sequence[Shape]) -> tuple[Window, ...]:
    _, sizes = map_of(layer.kind, single(inputs))
    return sliding(sizes, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
