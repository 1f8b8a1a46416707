"""Roll: elements shifted along axes, those that leave at one end enter at the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Whole
from cnncalc.layers.indices import Dimensions
from cnncalc.layers.layer import Layer, Require, Shape, arg, map_of, single, text
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Axis, Route, Routes, Slide
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import NONE, Saved
from cnncalc.layers.shapes import dimension
from cnncalc.symbolic import Size


class Roll(Layer):
    """Elements shifted along some dimensions; what leaves at one end enters at the other."""

    kind: ClassVar[str] = "roll"
    natural: ClassVar[str | None] = "shifts"
    saves: ClassVar[Saved | None] = NONE
    keeps_channels_last: ClassVar[tuple[int, ...]] = (2, 3)
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    shifts: tuple[Size, ...] = arg(Whole("how far elements move towards higher indices: for all dimensions, or each"))
    dims: tuple[int, ...] | str = arg(
        Dimensions("the dimensions (channels are 1), or `spatial`", ("spatial",)), "spatial"
    )

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        self.amounts(single(inputs))
        return single(inputs)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """The row `shift` before, around the end."""
        shape = single(inputs)
        axes = list(row_by_row(len(shape)))
        for axis, shift in self.amounts(shape):
            axes[axis] = Axis(Slide(low=shift, border="circular"), axis)
        return (Route(0, tuple(axes)),)

    def amounts(self, shape: Shape) -> list[tuple[int, Size]]:
        """The index of each axis that moves, and its shift."""
        if isinstance(self.dims, str):
            map_of(self.kind, shape)
            axes = list(range(1, len(shape)))
        else:
            axes = [dimension(self.kind, dim, shape, "dims") for dim in self.dims]
        if len(set(axes)) < len(axes):
            raise LayerError(f"roll: dims lists a dimension of {text(shape)} twice", field="dims")
        shifts = self.shifts * len(axes) if len(self.shifts) == 1 else self.shifts
        if len(shifts) != len(axes):
            message = f"roll: expected one shift, or one for each of {len(axes)} dimensions, got {len(shifts)}"
            raise LayerError(message, field="shifts")
        return list(zip(axes, shifts, strict=True))
