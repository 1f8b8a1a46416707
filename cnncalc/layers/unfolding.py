"""Unfold and fold: the windows of an image as channels, and the sum of overlapping windows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Padding, Pair, PerAxis
from cnncalc.layers.layer import Layer, Require, Shape, arg, single, text
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Routes, Spread
from cnncalc.layers.routes import spatial
from cnncalc.layers.saved import NONE, Saved
from cnncalc.layers.shapes import require_divisible
from cnncalc.layers.sliding import outputs, sliding
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq

KERNEL = PerAxis("size of the window")
STRIDE = PerAxis("step from one window to the next")
DILATION = PerAxis("step between the rows that a window reads")


class Unfold(Layer):
    """The elements of every window as channels (im2col).

    The windows keep their places; `flatten: {start_dim: 2}` behind it lays them in a row, as PyTorch returns them.
    """

    kind: ClassVar[str] = "unfold"
    natural: ClassVar[str | None] = "kernel_size"
    saves: ClassVar[Saved | None] = NONE
    linear: ClassVar[bool] = True

    kernel_size: tuple[Size, ...] = arg(KERNEL)
    dilation: tuple[Size, ...] = arg(DILATION, 1)
    padding: tuple[Pair, ...] | str = arg(Padding("rows of zeros added on each side"), 0)
    stride: tuple[Size, ...] = arg(STRIDE, 1)

    def windows(self, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        """One window per spatial axis."""
        _require_image(self.kind, single(inputs))
        return sliding(single(inputs)[1:], self.kernel_size, self.stride, self.padding, self.dilation)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[C·F·F, *windows]: the elements of one channel next to each other."""
        shape, windows = single(inputs), self.windows(inputs)
        return (shape[0] * numel(self.kernel_size), *outputs(self.kind, shape, windows, require))

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING


class Fold(Layer):
    """Overlapping windows, given as channels, summed into an image: the adjoint of `unfold` (col2im)."""

    kind: ClassVar[str] = "fold"
    saves: ClassVar[Saved | None] = NONE
    linear: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = True

    output_size: tuple[Size, ...] = arg(PerAxis("spatial output size"))
    kernel_size: tuple[Size, ...] = arg(KERNEL)
    dilation: tuple[Size, ...] = arg(DILATION, 1)
    padding: tuple[Pair, ...] = arg(Padding("rows removed from each side of the output", also=()), 0)
    stride: tuple[Size, ...] = arg(STRIDE, 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[C, *output_size], from [C·F·F, *windows]."""
        shape = single(inputs)
        _require_image(self.kind, shape)
        elements = numel(self.kernel_size)
        require_divisible(self.kind, shape[0], "in_channels", elements, "the elements of a window", require)
        windows = sliding(self.output_size, self.kernel_size, self.stride, self.padding, self.dilation)
        output: Shape = (shape[0] // elements, *self.output_size)
        wanted = outputs(self.kind, output, windows, require)
        for size, count in zip(shape[1:], wanted, strict=True):
            require(relation_eq(size, count), partial(_unequal, shape[1:], wanted))
        return output

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Every element is added to its sum, which starts at 0."""
        return Operations(add=numel(single(inputs)))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """(i + P_low − D·u)/S where that is an integer, as in a transposed convolution."""
        axes = zip(self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return spatial((Spread(f, s, low, d) for f, s, (low, _), d in axes), mixed=True)


def _require_image(kind: str, shape: Shape) -> None:
    if len(shape) != 3:
        raise LayerError(f"{kind} needs a map of two axes [channels, height, width], got {text(shape)}")


def _unequal(sizes: Shape, wanted: Shape) -> LayerError:
    message = f"fold: an output of this size has {text(wanted)} windows, the input has {text(sizes)}"
    return LayerError(message, field="output_size")
