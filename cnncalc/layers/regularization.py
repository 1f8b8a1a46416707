"""Layers that only act in training, and the identity."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.layers.elementwise import INPLACE, Elementwise
from cnncalc.layers.fields import Choice, Number
from cnncalc.layers.layer import Require, Shape, arg, map_of, single
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.ranges import Range, same_side
from cnncalc.layers.saved import NONE, Reuse, Saved, SavedTensor, Wanted
from cnncalc.quantities.sizes import numel


class Identity(Elementwise):
    """Its input, unchanged."""

    kind: ClassVar[str] = "identity"
    saves: ClassVar[Saved | None] = NONE
    reuse: ClassVar[Reuse] = "view"
    costs: ClassVar[Operations | None] = NOTHING
    idle: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    keeps_offsets: ClassVar[bool] = True


class DropPath(Elementwise):
    """Images set to zero at random in training: stochastic depth (Huang et al., arXiv:1603.09382)."""

    kind: ClassVar[str] = "drop_path"
    natural: ClassVar[str | None] = "p"
    costs: ClassVar[Operations | None] = NOTHING  # at inference
    idle: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    p: int | Fraction = arg(Number("probability of dropping an image", 0, 1), Fraction("0.1"))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The factor of every image."""
        return NONE if self.p == 0 else NONE.and_own(SavedTensor(1, "factor"))

    def reuses(self, training: bool) -> Reuse:
        """A view of the input if nothing is dropped."""
        return "none" if training and self.p != 0 else "view"

    @property
    def drops(self) -> bool:
        """Unless p is 0."""
        return self.p != 0

    def range(self, entering: Sequence[Range]) -> Range:
        """In training, what remains is multiplied by 1/(1 − p), and what is dropped is 0."""
        return same_side(*entering) if self.drops else entering[0]


class Dropout(Elementwise):
    """Elements set to zero at random in training; the identity at inference."""

    kind: ClassVar[str] = "dropout"
    natural: ClassVar[str | None] = "p"
    costs: ClassVar[Operations | None] = NOTHING  # at inference
    idle: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    p: int | Fraction = arg(Number("probability of dropping an element", 0, 1), Fraction("0.5"))
    inplace: bool = arg(INPLACE, False)
    mode: str = arg(Choice("what to drop: single elements or whole channels", ("element", "channel")), "element")

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape; `mode: channel` needs a map."""
        if self.mode == "channel":
            map_of("dropout with mode: channel", single(inputs))
        return super().output(inputs, require)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The mask: one byte per element as on CUDA; per channel, one element; for p = 1, a single zero."""
        if self.p == 0:
            return NONE
        if self.p == 1:
            return NONE.and_own(SavedTensor(1, "zero", each=False))
        if self.mode == "channel":
            return NONE.and_own(SavedTensor(output[0], "mask"))
        return NONE.and_own(SavedTensor(numel(output), "mask", width=1))

    def reuses(self, training: bool) -> Reuse:
        """A view of the input if nothing is dropped."""
        return super().reuses(training) if training and self.p != 0 else "view"

    @property
    def drops(self) -> bool:
        """Unless p is 0."""
        return self.p != 0

    def range(self, entering: Sequence[Range]) -> Range:
        """In training, remaining elements are multiplied by 1/(1 − p), and dropped ones are 0."""
        return same_side(*entering) if self.drops else entering[0]
