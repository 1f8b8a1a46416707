"""Layers whose output has the shape of their input."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Flag, Number
from cnncalc.layers.layer import Layer, Require, Shape, arg, single
from cnncalc.layers.memory_order import Order, Orders, close_gaps
from cnncalc.layers.operations import Operations, affine
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import pointwise
from cnncalc.layers.saved import NONE, Reuse, Saved
from cnncalc.quantities.sizes import numel

INPLACE = Flag("overwrite the input to save memory")


class Elementwise(Layer):
    """Base class of the layers whose output has the shape of their input."""

    costs: ClassVar[Operations | None] = None  # per element, where it is the same for all
    elementwise: ClassVar[bool] = True
    positions: ClassVar[Positions] = "kept"

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        return single(inputs)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """`costs` times the number of elements."""
        return self.costs and self.costs.times(numel(output))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads itself."""
        return pointwise(single(inputs))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """The order of the input; a new output has no gaps."""
        return before[0] if reuses else close_gaps(before[0])


class Rescale(Elementwise):
    """x·factor + offset, both fixed (`scale` has trainable factors, one per channel)."""

    kind: ClassVar[str] = "rescale"
    saves: ClassVar[Saved | None] = NONE
    natural: ClassVar[str | None] = "factor"
    linear: ClassVar[bool] = True
    stand_in: ClassVar[str | None] = "leaky_relu"

    factor: int | Fraction = arg(Number("factor applied to each element"), 1)
    offset: int | Fraction = arg(Number("constant added after scaling"), 0)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A multiplication and an addition per element, unless they have no effect."""
        return affine(numel(output), self.factor != 1, self.offset != 0)

    def reuses(self, training: bool) -> Reuse:
        """A view of the input if nothing changes."""
        return "view" if self.factor == 1 and self.offset == 0 else "none"
