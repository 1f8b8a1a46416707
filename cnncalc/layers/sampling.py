"""Layers that read a map at positions which another tensor gives: between its pixels, by interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Choice, Count, Flag, Number, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, text
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.ranges import ANY, Range, union
from cnncalc.layers.reading import IDENTITY, UNKNOWN, WHOLE, Axis, Route, Routes
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import NONE, Saved, Wanted
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq

ZERO = Range(Fraction(0), Fraction(0))


def cost_of_reading(values: Size, points: Size, axes: int = 2) -> Operations:
    """`values` elements interpolated linearly along `axes` axes, at `points` positions.

    Per element, 2ʳ neighbours are multiplied and added. Per position, the distance to one neighbour along each axis and
    1 minus it (2r additions), and their products, the weights (2ʳ multiplications for each axis after the first).
    """
    near = 2**axes
    weights = Operations(add=2 * axes * points, multiply=near * (axes - 1) * points)
    return weights + Operations(multiply=near * values, add=(near - 1) * values)


class GridSample(Layer):
    """A map read at positions from −1 to 1 that a second map gives, as `F.grid_sample`."""

    kind: ClassVar[str] = "grid_sample"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)

    mode: str = arg(Choice("interpolation mode", ("bilinear", "nearest", "bicubic")), "bilinear")
    padding_mode: str = arg(Choice("values outside of the map", ("zeros", "border", "reflection")), "zeros")
    align_corners: bool = arg(Flag("−1 and 1 are the centres of the corner pixels, not their outer edges"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, *sizes of the grid] from a grid [axes, *sizes], with the position along the last axis first."""
        channels, sizes = map_of(self.kind, inputs[0])
        rank = len(sizes)
        if rank == 1:
            raise LayerError(f"grid_sample needs a map of two or three spatial axes, got {text(inputs[0])}")
        if self.mode == "bicubic" and rank != 2:
            raise LayerError(f"grid_sample: mode bicubic needs 2 spatial axes, got {rank}", field="mode")
        grid = inputs[1]
        if len(grid) != len(inputs[0]):
            raise _no_grid(inputs)
        require(relation_eq(grid[0], rank), lambda: _no_grid(inputs))
        return (channels, *grid[1:])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per position and axis: a multiplication and an addition to pixels, and what keeps it inside the map.

        bilinear: 2ʳ neighbours. bicubic: 12 multiplications and 13 additions per axis for the weights, then 5 steps of
        4 and 3 per element. nearest: nothing more.
        """
        rank, points, values = len(output) - 1, numel(output[1:]), numel(output)
        cost = (Operations(multiply=1, add=1) + _INSIDE[self.padding_mode]).times(rank * points)
        if self.mode == "bilinear":
            return cost + cost_of_reading(values, points, rank)
        if self.mode == "bicubic":
            weights = Operations(multiply=12, add=13).times(rank * points)
            return cost + weights + Operations(multiply=20, add=15).times(values)
        return cost

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Both inputs."""
        return Saved(inputs=(0, 1))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The position from the grid, along all its channels; of the map, rows that the numbers in the grid decide."""
        return (_anywhere(inputs[0]), Route(1, (WHOLE, *row_by_row(len(inputs[1]) - 1, 1))))

    def range(self, entering: Sequence[Range]) -> Range:
        """That of the map, with 0 outside of it; bicubic interpolation may exceed it."""
        if self.mode == "bicubic":
            return ANY
        return union(entering[0], ZERO) if self.padding_mode == "zeros" else entering[0]


_INSIDE = {
    "zeros": NOTHING,
    "border": Operations(compare=2),
    "reflection": Operations(compare=2, add=2, divide=1),
}


def _no_grid(inputs: Sequence[Shape]) -> LayerError:
    rank = len(inputs[0]) - 1
    return LayerError(
        f"grid_sample needs a grid of {rank} channels, a position per axis of {text(inputs[0])}, got {text(inputs[1])}",
        hint="the grid has its positions in the channels: put `permute` before it" if inputs[1][-1] == rank else None,
    )


def _anywhere(shape: Shape) -> Route:
    """A route from a map of which each output row reads unknown rows, channel by channel."""
    return Route(0, (Axis(IDENTITY, 0), *[UNKNOWN] * (len(shape) - 1)))


class RoiAlign(Layer):
    """Every box of a second tensor as a map of one size, by interpolation; boxes become an axis."""

    kind: ClassVar[str] = "roi_align"
    natural: ClassVar[str | None] = "output_size"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)

    output_size: tuple[Size, ...] = arg(PerAxis("height and width of what is read from each box"))
    spatial_scale: int | Fraction = arg(Number("factor from the boxes' coordinates to pixels of the map"), 1)
    sampling_ratio: Size = arg(Count("points per output element and axis, which are averaged"), 2)
    aligned: bool = arg(Flag("boxes are shifted by half a pixel, so that pixel centres agree"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[channels, boxes, *output_size] from [channels, height, width] and [4, boxes]."""
        channels, sizes = map_of(self.kind, inputs[0])
        if len(sizes) != 2:
            raise LayerError(f"roi_align needs a map of two spatial axes, got {text(inputs[0])}")
        return (channels, boxes_of(self.kind, inputs[1], require), *self.output_size)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """sampling_ratio² points per output element, each interpolated from 4 pixels; their mean.

        Per box, its corners are scaled and shifted (4 each), its sides divided by the output size and the points' step
        (2 subtractions, 4 divisions); per point and axis, a multiplication, an addition, and 4 comparisons that keep it
        inside the map.
        """
        boxes, each = output[1], self.sampling_ratio * self.sampling_ratio
        points, values = each * boxes * numel(output[2:]), each * numel(output)
        sides = Operations(multiply=4, add=2 + 4 * self.aligned, divide=4, compare=2 * (not self.aligned))
        cost = sides.times(boxes) + Operations(multiply=2, add=2, compare=8).times(points)
        mean = Operations(add=values - numel(output), divide=numel(output))
        return cost + cost_of_reading(values, points) + mean

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The boxes, for the map's gradient; they have none themselves."""
        return Saved(inputs=(1,)) if wanted.inputs[0] else NONE

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Its own box, along the four numbers; of the map, rows that these numbers decide."""
        return (_anywhere(inputs[0]), Route(1, (WHOLE, Axis(IDENTITY, 1))))

    def range(self, entering: Sequence[Range]) -> Range:
        """That of the map, with 0 outside of it."""
        return union(entering[0], ZERO)


def boxes_of(kind: str, shape: Shape, require: Require) -> Size:
    """The number of boxes in [4, boxes]; raises LayerError for any other shape."""

    def wrong() -> LayerError:
        hint = "its four numbers are the channels: put `permute: [2, 1]` before it" if shape[-1] == 4 else None
        return LayerError(f"{kind} needs boxes as [4, number of boxes]: x1, y1, x2, y2, got {text(shape)}", hint=hint)

    if len(shape) != 2:
        raise wrong()
    require(relation_eq(shape[0], 4), wrong)
    return shape[1]
