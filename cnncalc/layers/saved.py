"""What a layer keeps in memory: for its backward pass, and whether its output takes memory of its own.

Source of every rule: what PyTorch 2.13's autograd saves, seen through `torch.autograd.graph.saved_tensors_hooks`.
"""

from __future__ import annotations

from typing import Literal

from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

Reuse = Literal["none", "view", "laid out", "in place", "weights"]
"""Whose memory an output lies in: its own; that of the first input, always (`view`), where its numbers lie in the order
of its axes (`laid out`), or by overwriting it (`in place`); that of its weights, which it is itself (`weights`)."""

Order = Literal["gaps", "permuted"]
"""How numbers lie in memory where they do not lie by their axes: with gaps, as a part of another tensor; or in another
order."""


class Wanted(NamedTuple):
    """Which gradients are wanted: of each input, of the weights."""

    inputs: tuple[bool, ...]
    weights: bool

    @property
    def any_input(self) -> bool:
        """Whether that of any input is."""
        return any(self.inputs)


class SavedTensor(NamedTuple):
    """A tensor that only the backward pass needs: how many numbers, of one sample or (`each` false) of a whole batch.

    `width` is bytes per number where the dtype of the network does not say it; `least` is what they do not fall below.
    """

    numbers: Size
    what: str
    width: int | None = None
    least: int = 0
    each: bool = True


class Saved(NamedTuple):
    """What a layer keeps for its backward pass: inputs by number, its output, tensors of its own; never its weights."""

    inputs: tuple[int, ...] = ()
    output: bool = False
    own: tuple[SavedTensor, ...] = ()

    def and_own(self, *own: SavedTensor) -> Saved:
        """The same, and more tensors of its own."""
        return self._replace(own=(*self.own, *own))


NONE = Saved()
INPUT = Saved(inputs=(0,))
OUTPUT = Saved(output=True)

INT64 = 8
FLOAT32 = 4


def statistics(numbers: Size, each: bool = True) -> SavedTensor:
    """Mean and 1/σ of so many groups; half precision keeps them in float32."""
    return SavedTensor(2 * numbers, "mean and 1/σ", least=FLOAT32, each=each)


def indices(numbers: Size) -> SavedTensor:
    """Where each largest number was."""
    return SavedTensor(numbers, "indices", width=INT64)


def input_if(wanted: bool) -> Saved:
    """The first input where it is wanted."""
    return INPUT if wanted else NONE


def input_or_copy(inplace: bool, output: tuple[Size, ...]) -> Saved:
    """The input, or a copy of it where the output overwrites it."""
    return NONE.and_own(SavedTensor(numel(output), "copy of the input")) if inplace else INPUT


def is_one(size: Size) -> bool:
    """Whether a size is 1, whatever symbols it has."""
    return isinstance(size, int) and size == 1
