"""Properties of a layer beyond its figures, queried by rules, memory, verification and importers.

A property that holds for every layer of a kind is a class variable; one that depends on fields is a property or a
method. The defaults describe a layer about which nothing is known, so an omitted fact never claims too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from cnncalc.layers.memory_order import Order, Orders, channels_last, is_channels_last
from cnncalc.layers.ranges import ANY, Range, same_side, union
from cnncalc.symbolic import Size

Shape = tuple[Size, ...]

Positions = Literal["kept", "resampled", "gathered", "other"]
"""How positions of the output relate to those of the inputs: the same (`kept`); on a grid with another step
(`resampled`); none, since every element reads all positions (`gathered`); any other, or by the windows (`other`)."""


class Facts:
    """The properties of a descriptor."""

    elementwise: ClassVar[bool] = False
    """The output has the shape of the only input. Norms and softmax also read other elements."""
    activation: ClassVar[bool] = False
    """A nonlinear function of each element."""
    normalizes: ClassVar[bool] = False
    """Divides by a statistic of its input."""
    centred: ClassVar[bool] = False
    """Subtracts the mean of every channel, unless frozen, whatever its fields are."""
    weighs: ClassVar[bool] = False
    """Every output element is a sum of input elements times trainable weights, plus possibly a bias."""
    attends: ClassVar[bool] = False
    """Every position sums others, weighted by their likeness to it."""
    broadcasts: ClassVar[bool] = False
    """Combines its inputs element by element; a size of 1 is broadcast."""
    commutes: ClassVar[bool] = False
    """The order of its inputs does not matter."""
    cuts: ClassVar[bool] = False
    """Removes rows of its input or adds rows around it; all others are unchanged."""
    idle: ClassVar[bool] = False
    """The identity at inference."""
    values_of: ClassVar[int | None] = None
    """The number of inputs whose values it reads; of the others it reads only the size. None: all."""
    differentiable: ClassVar[bool] = True
    """Its output depends on its inputs continuously; otherwise no gradient flows to them, as to indices."""

    derived: ClassVar[frozenset[str]] = frozenset()
    """The fields that a spec never sets, because they follow from the layers before it."""

    hides_gradient: ClassVar[bool] = False
    """Its gradient may cancel or vanish although it reads an element."""
    stand_in: ClassVar[str | None] = None
    """A kind that reads the same elements with a positive gradient, if this one's gradient is not positive."""

    output_range: ClassVar[Range | None] = None
    """The range of the output for any input."""
    unchanged_range: ClassVar[Range | None] = None
    """The range of values that it leaves unchanged."""
    bounded: ClassVar[bool] = False
    """The output lies between the smallest and the largest input element."""
    keeps_sign: ClassVar[bool] = False
    """Non-negative inputs give non-negative outputs."""

    @property
    def linear(self) -> bool:
        """Whether at inference the output is an affine function of the inputs."""
        return False

    @property
    def positions(self) -> Positions:
        """How positions of the output relate to those of the inputs."""
        return "other"

    @property
    def keeps_channels_last(self) -> tuple[int, ...]:
        """The numbers of spatial axes over which the output is channels last in memory if the input is."""
        return ()

    @property
    def running(self) -> bool:
        """Whether it updates running statistics in training and uses them at inference."""
        return False

    @property
    def folds(self) -> bool:
        """Whether inference engines fold it into the weights of the layer before it."""
        return False

    @property
    def drops(self) -> bool:
        """Whether it sets elements to zero at random in training."""
        return False

    @property
    def keeps_offsets(self) -> bool:
        """Whether a constant added to an input channel is added to an output channel."""
        return False

    def centres(self, output: Shape, frozen: bool) -> bool:
        """Whether it certainly subtracts the mean of every channel; when frozen, it subtracts a fixed number."""
        return self.centred and not frozen

    @property
    def fixed(self) -> Range | None:
        """The range of values that it leaves unchanged; None if there is none or it is unknown."""
        return self.unchanged_range

    def range(self, entering: Sequence[Range]) -> Range:
        """The range of the output, in training too, given the ranges of the inputs."""
        if self.output_range is not None:
            return self.output_range
        if self.bounded:
            return union(*entering)
        return same_side(*entering) if self.keeps_sign else ANY

    @property
    def idempotent(self) -> bool:
        """Whether applying it twice equals applying it once: its whole output range is left unchanged."""
        return self.fixed is not None and self.range((ANY,)).within(self.fixed)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """The memory order of the output, given those of the inputs; None: contiguous.

        `reuses` says whether the output lies in the memory of the first input.
        """
        if before and len(output) - 1 in self.keeps_channels_last and is_channels_last(before[0], inputs[0]):
            return channels_last(output)
        return None

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """The inputs that it copies first, because of their memory order; it saves the copy instead of the input."""
        return ()

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """Whether the gradient of this input is (part of) the output's gradient, so that no tensor is allocated."""
        return False
