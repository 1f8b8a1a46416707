"""Layers that select or reduce elements along a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.elementwise import Elementwise
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Count, Flag
from cnncalc.layers.indices import Dimension, Dimensions, Offset
from cnncalc.layers.layer import Layer, Require, Shape, arg, single
from cnncalc.layers.memory_order import Order, Orders, narrow
from cnncalc.layers.operations import NOTHING, Operations, cost_of_means, cost_of_sums, softmax
from cnncalc.layers.ranges import NEGATIVE, UNIT, Range
from cnncalc.layers.reading import IDENTITY, WHOLE, Axis, Route, Routes, Slide
from cnncalc.layers.routes import across, row_by_row
from cnncalc.layers.saved import NONE, OUTPUT, Reuse, Saved
from cnncalc.layers.shapes import dimension, reduced_axes
from cnncalc.layers.window import ceiling
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, maximum, minimum


class Slice(Layer):
    """A range of one dimension, as in Python: x[start:end:step]."""

    kind: ClassVar[str] = "slice"
    saves: ClassVar[Saved | None] = NONE
    reuse: ClassVar[Reuse] = "view"
    cuts: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    dim: int = arg(Dimension("the dimension (channels are 1)"), 1)
    start: Size = arg(Offset("first index; negative values count from the end"), 0)
    end: Size | None = arg(Offset("index after the last one; default: the end"), None)
    step: Size = arg(Count("step between indices"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape, with ⌈(end − start)/step⌉ as the size of `dim`."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        size = shape[index]
        end = size if self.end is None else clip_index(self.end, size)
        length = ceiling(end - clip_index(self.start, size), self.step)
        require(
            length >= 1,
            lambda: LayerError(f"slice: {self.start} to {end} of {size} is empty", field="start"),
        )
        return (*shape[:index], length, *shape[index + 1 :])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Row by row; along `dim`, every step-th row from the start."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        axes = list(row_by_row(len(shape)))
        axes[index] = Axis(Slide(stride=self.step, low=-clip_index(self.start, shape[index])), index)
        return (Route(0, tuple(axes)),)

    @property
    def positions(self) -> Positions:
        """Kept if channels are sliced."""
        return "kept" if self.dim == 1 else "other"

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the input, with gaps between the elements that it selects."""
        shape = single(inputs)
        index = dimension(self.kind, self.dim, shape)
        return narrow(before[0], shape, index + 1, output[index], self.step)


class Mean(Layer):
    """The mean over some dimensions, which are removed; by default over the spatial ones."""

    kind: ClassVar[str] = "mean"
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "dim"
    positions: ClassVar[Positions] = "gathered"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    dim: tuple[int, ...] | str = arg(
        Dimensions("the dimensions (channels are 1), or `spatial`", ("spatial",)), "spatial"
    )
    keepdim: bool = arg(Flag("keep the dimensions, with size 1"), False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape without the reduced dimensions, or with size 1 for them."""
        shape = single(inputs)
        reduced = self._reduced_axes(shape)
        if self.keepdim:
            return tuple(1 if index in reduced else size for index, size in enumerate(shape))
        return tuple(size for index, size in enumerate(shape) if index not in reduced)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per output element, a division and one addition fewer than elements averaged."""
        return cost_of_means(numel(single(inputs)), numel(output))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All rows along the reduced dimensions."""
        shape = single(inputs)
        reduced = self._reduced_axes(shape)
        stay = [axis for axis in range(len(shape)) if self.keepdim or axis not in reduced]
        axes = (WHOLE if axis in reduced else Axis(IDENTITY, stay.index(axis)) for axis in range(len(shape)))
        return (Route(0, tuple(axes)),)

    def _reduced_axes(self, shape: Shape) -> set[int]:
        return reduced_axes(self.kind, self.dim, shape)


class Softmax(Elementwise):
    """Positive values that sum to 1 along a dimension: eˣ/Σeˣ."""

    kind: ClassVar[str] = "softmax"
    saves: ClassVar[Saved | None] = OUTPUT
    natural: ClassVar[str | None] = "dim"
    output_range: ClassVar[Range | None] = UNIT
    hides_gradient: ClassVar[bool] = True

    dim: int = arg(Dimension("the dimension along which the output sums to 1 (channels are 1)"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        dimension(self.kind, self.dim, single(inputs))
        return super().output(inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """eˣ/Σeˣ: an exponential and a division per element, n − 1 additions per sum of n."""
        return softmax(numel(output), self.sums(output))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """All elements along its dimension."""
        return across(single(inputs), dimension(self.kind, self.dim, single(inputs)))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Contiguous."""
        return None

    def sums(self, output: Shape) -> Size:
        """The number of sums of exponentials."""
        return numel(output) // output[dimension(self.kind, self.dim, output)]


class LogSoftmax(Softmax):
    """The logarithm of softmax."""

    kind: ClassVar[str] = "log_softmax"
    output_range: ClassVar[Range | None] = NEGATIVE

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """x − log Σeˣ: an exponential and a subtraction per element, n − 1 additions and a logarithm per sum."""
        numbers, sums = numel(output), self.sums(output)
        return Operations(exp=numbers, add=numbers, log=sums) + cost_of_sums(numbers, sums)


def clip_index(index: Size, size: Size) -> Size:
    """An index as Python slices clip it: negative from the end; a symbolic one counts from 0."""
    if isinstance(index, int) and index < 0:
        return maximum(size + index, 0)
    return index if isinstance(index, int) and index == 0 else minimum(index, size)
