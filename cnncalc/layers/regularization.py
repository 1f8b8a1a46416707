"""Layers that only training sees, and the one that nothing sees."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.layers.activation import INPLACE, Elementwise
from cnncalc.layers.fields import Choice, Number
from cnncalc.layers.layer import Require, Shape, arg, map_of, single
from cnncalc.layers.operations import NOTHING, Operations


class Identity(Elementwise):
    """What enters, leaves."""

    kind: ClassVar[str] = "identity"
    costs: ClassVar[Operations | None] = NOTHING


class Dropout(Elementwise):
    """In training, numbers set to zero at random."""

    kind: ClassVar[str] = "dropout"
    natural: ClassVar[str | None] = "p"
    costs: ClassVar[Operations | None] = NOTHING  # at inference

    p: int | Fraction = arg(Number("the probability of being dropped", 0, 1), Fraction("0.5"))
    inplace: bool = arg(INPLACE, False)
    mode: str = arg(Choice("what is dropped: single numbers, or whole channels", ("element", "channel")), "element")

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The shape that enters; `mode: channel` needs a map."""
        if self.mode == "channel":
            map_of("dropout with mode: channel", single(inputs))
        return super().output(inputs, require)
