"""A kind that is not shipped: a layer with two further outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Count
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, map_of, single
from cnncalc.layers.operations import Operations
from cnncalc.layers.reading import Routes
from cnncalc.layers.routes import everything
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class Memory(Layer):
    """A layer over a sequence that leaves its last row and the sum of all besides."""

    kind: ClassVar[str] = "memory"
    natural: ClassVar[str | None] = "hidden"

    hidden: Size = arg(Count("number of output channels"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        return (self.hidden, *map_of(self.kind, single(inputs))[1])

    def further(self, inputs: Sequence[Shape], output: Shape) -> Mapping[str, Shape]:
        return {"h_n": (self.hidden,), "all": (self.hidden, single(inputs)[-1])}

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        return {"weight": (self.hidden, single(inputs)[0])}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        return Operations(mac=numel(output) * single(inputs)[0])

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        return everything(single(inputs))


@contextmanager
def known_kinds() -> Iterator[None]:
    """Let specs write `memory`."""
    LAYERS["memory"] = Memory
    try:
        yield
    finally:
        del LAYERS["memory"]
