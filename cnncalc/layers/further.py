"""A further output of a layer, as a separate node after it: every edge of a graph carries one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.layers.fields import Label, Whole
from cnncalc.layers.layer import Layer, Require, Shape, arg, single
from cnncalc.layers.memory_order import Order, Orders
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import everything
from cnncalc.layers.saved import NONE, Saved
from cnncalc.symbolic import Size


class FurtherOutput(Layer):
    """A further output of the layer before it; specs do not write it, `from: memory.h_n` creates it."""

    kind: ClassVar[str] = "output"
    derived: ClassVar[frozenset[str]] = frozenset({"shape"})
    saves: ClassVar[Saved | None] = NONE

    name: str = arg(Label("what its layer calls it"))
    shape: tuple[Size, ...] = arg(Whole("its sizes, without the batch"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """`shape`, as given by the layer before it."""
        return self.shape

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """None: the layer before it computes it."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Everything that the layer before it computes, as far as is known."""
        return everything(single(inputs))

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the output of its layer, if it has as many axes."""
        return before[0] if len(output) == len(single(inputs)) else None

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """Always: its gradient passes unchanged to the layer that computes it."""
        return True
