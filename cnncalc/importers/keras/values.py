"""Tensors as Keras and as we lay them out, and one call of a layer.

Keras keeps channels last: [H, W, C] is [C, H, W] here. A tensor is `moved` if its last axis is our first one. A layer
asks for its input in one of the two forms, `Tracing` changes the form where that is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, TypeAlias

from cnncalc.importers.keras.config import Config
from cnncalc.importers.keras.model import KerasLayer
from cnncalc.symbolic import Size

Shape: TypeAlias = "tuple[Size, ...]"


class Value(NamedTuple):
    """A tensor: its node, its shape in Keras without the batch, and how it is laid out here.

    `free`: the order of its elements is that of the weights before it, so any order is as good. `scrambled`: the
    flattened tensors whose elements it has in our order, which is not that of Keras.
    """

    node: str
    shape: Shape
    moved: bool = False
    free: bool = False
    scrambled: frozenset[str] = frozenset()

    @property
    def rank(self) -> int:
        """The number of axes, without the batch."""
        return len(self.shape)

    @property
    def ours(self) -> Shape:
        """The shape here."""
        return to_ours(self.shape, self.moved)

    def dim(self, axis: int) -> int:
        """Our number of an axis, which Keras counts with the batch, from 0 or from the end; channels are 1 if moved."""
        axis = axis % (self.rank + 1)
        return axis if not self.moved else 1 if axis == self.rank else axis + 1


def to_ours(shape: Shape, moved: bool) -> Shape:
    """Return a shape of Keras as it is laid out here."""
    return (shape[-1], *shape[:-1]) if moved and shape else shape


def to_keras(shape: Shape, moved: bool) -> Shape:
    """Return one of our shapes as Keras has it."""
    return (*shape[1:], shape[0]) if moved and shape else shape


class UnsupportedError(Exception):
    """A layer that no layer here expresses; it becomes `unknown` with this reason.

    `output` is its shape in Keras without the batch; `params`, `kept` and `macs` are its parameters, the numbers that
    it stores besides and its multiply-accumulates, where known.
    """

    def __init__(
        self,
        reason: str,
        output: Shape | None = None,
        params: Size | None = None,
        macs: Size | None = None,
        kept: Size = 0,
    ) -> None:
        super().__init__(reason)
        self.output, self.params, self.macs, self.kept = output, params, macs, kept


@dataclass(slots=True)
class Step:
    """One call of a layer: the layer, where it stands, and the tensors that it reads."""

    layer: KerasLayer
    scope: str  # the path of the model in which it stands, with a dot at its end
    inputs: list[Value]
    args: list[Any]  # as called: lists of values and constants
    options: dict[str, Any]
    frozen: bool = False

    @property
    def config(self) -> Config:
        """The configuration of the layer."""
        return self.layer.config

    @property
    def kind(self) -> str:
        """The class of the layer."""
        return self.layer.kind

    @property
    def first(self) -> Value:
        """The first tensor that it reads."""
        if not self.inputs:
            self.refuse("it reads nothing")
        return self.inputs[0]

    @property
    def axes(self) -> int:
        """The number of spatial axes in the name of the class: 2 of Conv2D; else that of its input."""
        found = re.search(r"([123])D", self.kind)
        return int(found[1]) if found else max(self.first.rank - 1, 1)

    def refuse(self, message: str, *steps: str, hint: str | None = None) -> NoReturn:
        """Raise a SpecError at the layer, or at a field of it."""
        if steps:
            self.config.refuse(message, *steps, hint=hint)
        outer = self.layer.outer
        outer.refuse(message, *(["class_name"] if "class_name" in outer.values else []), hint=hint)


def product(sizes: Sequence[Size]) -> Size:
    """Return the product of sizes."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result
