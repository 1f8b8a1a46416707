"""Layers that move elements between channels and pixels, or among channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Count
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, single, text
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Resample, Routes, Slide
from cnncalc.layers.routes import across, spatial
from cnncalc.layers.saved import NONE, Saved
from cnncalc.layers.shapes import require_divisible
from cnncalc.symbolic import Size


class PixelShuffle(Layer):
    """Channels rearranged as pixels: the map grows (Shi, arXiv:1609.05158)."""

    kind: ClassVar[str] = "pixel_shuffle"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2,)
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "upscale_factor"
    positions: ClassVar[Positions] = "resampled"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    upscale_factor: Size = arg(Count("scale factor along both axes"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[C/r², H·r, W·r]."""
        channels, height, width = image(self.kind, single(inputs))
        factor = self.upscale_factor
        require_divisible(self.kind, channels, "in_channels", factor * factor, "the square of upscale_factor", require)
        return channels // (factor * factor), height * factor, width * factor

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """r adjacent pixels read the same one, from several channels."""
        return spatial([Resample(1, self.upscale_factor, "nearest")] * 2, mixed=True)


class PixelUnshuffle(Layer):
    """Pixels rearranged as channels: the map shrinks."""

    kind: ClassVar[str] = "pixel_unshuffle"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2,)
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "downscale_factor"
    positions: ClassVar[Positions] = "resampled"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    downscale_factor: Size = arg(Count("factor by which the map shrinks along both axes"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[C·r², H/r, W/r]."""
        channels, height, width = image(self.kind, single(inputs))
        factor = self.downscale_factor
        require_divisible(self.kind, height, "the height", factor, "downscale_factor", require)
        require_divisible(self.kind, width, "the width", factor, "downscale_factor", require)
        return channels * factor * factor, height // factor, width // factor

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The channels of a pixel read r adjacent pixels."""
        factor = self.downscale_factor
        return spatial([Slide(factor, factor)] * 2, mixed=True)


class ChannelShuffle(Layer):
    """Channels reordered so that groups mix (Zhang, ShuffleNet, arXiv:1707.01083)."""

    kind: ClassVar[str] = "channel_shuffle"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2, 3)
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "groups"
    positions: ClassVar[Positions] = "kept"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    groups: Size = arg(Count("number of channel groups"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape; the groups must divide the channels."""
        channels, _ = map_of(self.kind, single(inputs))
        require_divisible(self.kind, channels, "in_channels", self.groups, "groups", require)
        return single(inputs)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The channels of its own pixel."""
        return across(single(inputs), 0)


def image(kind: str, shape: Shape) -> tuple[Size, Size, Size]:
    """Channels, height and width of a map with two axes; raises LayerError for any other shape."""
    if len(shape) != 3:
        raise LayerError(f"{kind} needs a map with two spatial axes, got {text(shape)}")
    channels, height, width = shape
    return channels, height, width
