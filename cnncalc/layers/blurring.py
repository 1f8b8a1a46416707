"""Blur pooling: a fixed low-pass filter before subsampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.fields import Choice, Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.memory_order import Order, Orders, convolved
from cnncalc.layers.operations import Operations
from cnncalc.layers.padding import PADDING_MODES, PADS_CHANNELS_LAST, require_reach
from cnncalc.layers.reading import Border, Routes
from cnncalc.layers.routes import by_windows
from cnncalc.layers.saved import INPUT, Saved, Wanted, input_if
from cnncalc.layers.sliding import outputs, padded_copy, pads, sliding
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class BlurPool(Layer):
    """A fixed binomial filter on each channel, with a stride (Zhang, arXiv:1904.11486).

    Along each axis, the weights are the binomial coefficients of order F − 1, divided by 2^(F − 1).
    """

    kind: ClassVar[str] = "blurpool"
    natural: ClassVar[str | None] = "kernel_size"
    linear: ClassVar[bool] = True

    kernel_size: tuple[Size, ...] = arg(PerAxis("size of the filter"), 3)
    stride: tuple[Size, ...] = arg(PerAxis("step from one window to the next"), 2)
    padding: tuple[Pair, ...] | None = arg(
        Padding("rows added to each side; default: ⌊(F − 1)/2⌋ low, ⌈(F − 1)/2⌉ high", also=()), None
    )
    padding_mode: str = arg(Choice("values of the padding", PADDING_MODES), "reflect")

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        _, sizes = map_of(self.kind, single(inputs))
        padding = self.padding
        if padding is None:
            padding = tuple(((size - 1) // 2, size // 2) for size in self.kernel_size)
        return sliding(sizes, self.kernel_size, self.stride, padding, (1, 1, 1)[: len(sizes)])

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *windows]."""
        shape, windows = single(inputs), self.windows(inputs)
        require_reach(self.kind, shape[1:], pads(windows), self.padding_mode, require)
        return (shape[0], *outputs(self.kind, shape, windows, require))

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The filter, repeated for every channel: [channels, 1, *kernel_size]."""
        return {"filt": (output[0], 1, *self.kernel_size)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, a MAC for each of the window: it runs as a depthwise convolution."""
        return Operations(mac=numel(output) * numel(self.kernel_size))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or its padded copy, which padding that repeats the input needs besides."""
        windows = self.windows(inputs)
        if not _is_padded(windows):
            return INPUT
        repeats = self.padding_mode in ("reflect", "replicate") and wanted.any_input
        return input_if(repeats).and_own(padded_copy(single(inputs)[0], windows))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """By windows, each channel separately; at the border, the rows that padding repeats."""
        border: Border = "clip" if self.padding_mode == "zeros" else self.padding_mode  # type: ignore[assignment]
        return by_windows(self.windows(inputs), border)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if the input is, and its padding keeps that."""
        kept = len(output) - 1 in PADS_CHANNELS_LAST[self.padding_mode] or not _is_padded(self.windows(inputs))
        return convolved(before[0], single(inputs), output) if kept else None


def _is_padded(windows: Sequence[Window]) -> bool:
    return any(not isinstance(pad, int) or pad > 0 for pair in pads(tuple(windows)) for pad in pair)
