"""Pooling to a given size: the window follows from the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.fields import PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, single
from cnncalc.symbolic import Size


class AdaptiveAvgPool(Layer):
    """The mean over windows that divide the input into `output_size` parts."""

    kind: ClassVar[str] = "adaptive_avgpool"
    natural: ClassVar[str | None] = "output_size"

    output_size: tuple[Size, ...] = arg(PerAxis("the spatial size that leaves"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *output_size]: window i reads the rows ⌊i·N/out⌋ to ⌈(i + 1)·N/out⌉ − 1."""
        channels, _ = map_of(self.kind, single(inputs))
        return (channels, *self.output_size)


class AdaptiveMaxPool(AdaptiveAvgPool):
    """The largest number in windows that divide the input into `output_size` parts."""

    kind: ClassVar[str] = "adaptive_maxpool"


class GlobalAvgPool(Layer):
    """The mean of every channel; the spatial axes stay, with size 1."""

    kind: ClassVar[str] = "global_avgpool"

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, 1, …]."""
        channels, sizes = map_of(self.kind, single(inputs))
        return (channels, *(1 for _ in sizes))


class GlobalMaxPool(GlobalAvgPool):
    """The largest number of every channel; the spatial axes stay, with size 1."""

    kind: ClassVar[str] = "global_maxpool"
