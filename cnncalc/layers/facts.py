"""What is true of a layer beside its figures. Rules, memory, verification and importers ask here and list no kinds.

What holds for every layer of a kind is a class variable; what depends on fields is a property or a method. The defaults
are those of a layer of which nothing is known, so that a fact left out never claims too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from cnncalc.layers.ranges import ANY, Range, same_side, union
from cnncalc.layers.saved import Order
from cnncalc.symbolic import Size

Shape = tuple[Size, ...]

Positions = Literal["kept", "resampled", "gathered", "other"]
"""Where a position of the output lies: where it is in every input (`kept`); on a grid of another step (`resampled`);
nowhere, since every number reads all positions (`gathered`); elsewhere, or as the windows say (`other`)."""


class Facts:
    """The facts of a descriptor."""

    elementwise: ClassVar[bool] = False
    """The output has the shape of the one input, number for number. Norms and softmax read other numbers besides."""
    activation: ClassVar[bool] = False
    """A nonlinear function of one number at a time."""
    normalizes: ClassVar[bool] = False
    """Divides by a statistic of what it reads."""
    centred: ClassVar[bool] = False
    """Subtracts the mean of every channel, unless it is frozen, whatever its fields say."""
    weighs: ClassVar[bool] = False
    """Every number that leaves is a sum of numbers that enter, each times a learnt weight, and perhaps a bias."""
    broadcasts: ClassVar[bool] = False
    """Joins its inputs number by number; a size of 1 is repeated to match."""
    commutes: ClassVar[bool] = False
    """The order of its inputs does not matter."""
    cuts: ClassVar[bool] = False
    """Takes rows off its input or puts rows around it; all others are handed on as they are."""
    idle: ClassVar[bool] = False
    """At inference it hands on what enters."""
    values_of: ClassVar[int | None] = None
    """Of how many inputs it reads the numbers; of those behind them it reads the size alone. None: of all."""

    derived: ClassVar[frozenset[str]] = frozenset()
    """The fields that nobody writes: they follow from the layers before it."""

    hides_gradient: ClassVar[bool] = False
    """Its gradient may cancel or vanish where it does read a number."""
    stand_in: ClassVar[str | None] = None
    """The kind that reads the same numbers with a positive gradient, where its own gradient is not positive."""

    output_range: ClassVar[Range | None] = None
    """Between which numbers all that leaves lies, whatever enters."""
    unchanged_range: ClassVar[Range | None] = None
    """The numbers that it leaves as they are."""
    bounded: ClassVar[bool] = False
    """All that leaves lies between the least and the largest number that enters."""
    keeps_sign: ClassVar[bool] = False
    """Where nothing negative enters, nothing negative leaves."""

    @property
    def linear(self) -> bool:
        """Whether at inference the output is a linear function of the inputs, plus a constant."""
        return False

    @property
    def positions(self) -> Positions:
        """Where a position of the output lies among those of the inputs."""
        return "other"

    @property
    def running(self) -> bool:
        """Whether it learns running statistics in training, which inference uses."""
        return False

    @property
    def folds(self) -> bool:
        """Whether inference engines make it part of the weights of the layer before it."""
        return False

    @property
    def drops(self) -> bool:
        """Whether it sets numbers to zero at random in training."""
        return False

    @property
    def keeps_offsets(self) -> bool:
        """Whether a constant added to a channel that enters is added to a channel that leaves."""
        return False

    def centres(self, output: Shape, frozen: bool) -> bool:
        """Whether it subtracts the mean of every channel, for certain; frozen, a fixed number is subtracted."""
        return self.centred and not frozen

    @property
    def fixed(self) -> Range | None:
        """The numbers that it leaves as they are; None where there are none, or none are known."""
        return self.unchanged_range

    def range(self, entering: Sequence[Range]) -> Range:
        """Between which numbers all that leaves lies, in training too, given the ranges of the inputs."""
        if self.output_range is not None:
            return self.output_range
        if self.bounded:
            return union(*entering)
        return same_side(*entering) if self.keeps_sign else ANY

    @property
    def idempotent(self) -> bool:
        """Whether applying it twice is applying it once: all that it makes, it leaves as it is."""
        return self.fixed is not None and self.range((ANY,)).within(self.fixed)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Order | None, reuses: bool) -> Order | None:
        """How the numbers of the output lie in memory, given how those of the first input do; None: by its axes.

        `reuses` says whether the output lies in the memory of the first input.
        """
        return None

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """Whether the gradient of an input is the output's, or a part of it, so that nothing new is made."""
        return False
