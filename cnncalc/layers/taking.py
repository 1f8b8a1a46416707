"""Take: chosen rows of one dimension, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Whole
from cnncalc.layers.indices import Dimension
from cnncalc.layers.layer import Layer, Require, Shape, arg, single
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Axis, Listed, Route, Routes, Slide
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import INT64, NONE, Saved, SavedTensor, Wanted
from cnncalc.layers.shapes import dimension
from cnncalc.symbolic import Size


class Take(Layer):
    """The rows of one dimension that a list of constants names, as `index_select` does."""

    kind: ClassVar[str] = "take"
    natural: ClassVar[str | None] = "indices"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    indices: tuple[Size, ...] = arg(Whole("the indices, in any order, also several times; negative from the end"))
    dim: int = arg(Dimension("the dimension (channels are 1)"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape, with the number of indices as the size of `dim`."""
        shape = single(inputs)
        axis = dimension(self.kind, self.dim, shape)
        if not self.indices:
            raise LayerError("take: expected at least one index, got []", field="indices")
        for index in self.indices:
            require(index < shape[axis], partial(_out_of_range, index, shape[axis]))
            require(index >= -shape[axis], partial(_out_of_range, index, shape[axis]))
        return (*shape[:axis], len(self.indices), *shape[axis + 1 :])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The indices."""
        indices = SavedTensor(len(self.indices), "indices", width=INT64, each=False)
        return NONE.and_own(indices) if wanted.any_input else NONE

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Row by row; along `dim`, the row of each index."""
        shape = single(inputs)
        axis = dimension(self.kind, self.dim, shape)
        rows = tuple(index + shape[axis] if isinstance(index, int) and index < 0 else index for index in self.indices)
        first, step = rows[0], rows[1] - rows[0] if len(rows) > 1 else 1
        even = all(row == first + place * step for place, row in enumerate(rows))
        axes = list(row_by_row(len(shape)))
        axes[axis] = Axis(Slide(stride=step, low=-first) if even and step != 0 else Listed(rows), axis)
        return (Route(0, tuple(axes)),)


def _out_of_range(index: Size, size: Size) -> LayerError:
    return LayerError(f"take: index {index} is out of range: the dimension has size {size}", field="indices")
