"""Pooling to a given output size; the windows follow from the input size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, single
from cnncalc.layers.operations import Operations, adaptive_reads_of_map, cost_of_maxima, cost_of_means
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import across, parts, spatial
from cnncalc.layers.saved import INPUT, NONE, Saved, Wanted, indices, is_one
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class AdaptiveAvgPool(Layer):
    """The mean over windows that divide the input into `output_size` parts."""

    kind: ClassVar[str] = "adaptive_avgpool"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2)
    natural: ClassVar[str | None] = "output_size"
    positions: ClassVar[Positions] = "resampled"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    output_size: tuple[Size, ...] = arg(PerAxis("spatial output size"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *output_size]: window i reads the rows ⌊i·N/out⌋ to ⌈(i + 1)·N/out⌉ − 1."""
        channels, _ = map_of(self.kind, single(inputs))
        return (channels, *self.output_size)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """Per window, a division and one addition fewer than it has elements; windows may overlap."""
        read = adaptive_reads_of_map(single(inputs), output)
        return None if read is None else cost_of_means(read, numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input; nothing if every output size is 1, which PyTorch computes as a mean."""
        return NONE if all(map(is_one, output[1:])) else INPUT

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Part by part; the whole map if there is a single part."""
        shape = single(inputs)
        if set(self.output_size) == {1}:
            return across(shape, *range(1, len(shape)))
        return spatial(map(parts, shape[1:], self.output_size))


class AdaptiveMaxPool(AdaptiveAvgPool):
    """The maximum over windows that divide the input into `output_size` parts."""

    kind: ClassVar[str] = "adaptive_maxpool"
    linear: ClassVar[bool] = False
    stand_in: ClassVar[str | None] = "adaptive_avgpool"

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """Per window, one comparison fewer than it has elements."""
        read = adaptive_reads_of_map(single(inputs), output)
        return None if read is None else cost_of_maxima(read, numel(output))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the index of each maximum."""
        return INPUT.and_own(indices(numel(output)))


class GlobalAvgPool(Layer):
    """The mean of every channel; the spatial axes remain, with size 1."""

    kind: ClassVar[str] = "global_avgpool"
    keeps_channels_last: ClassVar[tuple[int, ...]] = (1, 2)
    saves: ClassVar[Saved | None] = NONE
    positions: ClassVar[Positions] = "gathered"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, 1, …]."""
        channels, sizes = map_of(self.kind, single(inputs))
        return (channels, *(1 for _ in sizes))

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """H·W − 1 additions and a division per channel."""
        return cost_of_means(numel(single(inputs)), output[0])

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The whole map, each channel by itself."""
        return across(single(inputs), *range(1, len(single(inputs))))


class GlobalMaxPool(GlobalAvgPool):
    """The maximum of every channel; the spatial axes remain, with size 1."""

    kind: ClassVar[str] = "global_maxpool"
    linear: ClassVar[bool] = False
    stand_in: ClassVar[str | None] = "global_avgpool"

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """H·W − 1 comparisons per channel."""
        return cost_of_maxima(numel(single(inputs)), output[0])

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, and the index of each maximum."""
        return INPUT.and_own(indices(numel(output)))
