"""What a layer keeps in memory for the backward pass, and whether its output needs new memory.

Source of every rule: the tensors that PyTorch 2.13's autograd saves, observed with
`torch.autograd.graph.saved_tensors_hooks`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

Reuse = Literal["none", "view", "laid out", "in place", "weights"]
"""Whose memory an output uses: new memory (`none`); that of the first input, always (`view`), only if its order
in memory allows (`laid out`), or overwriting it (`in place`); that of its weights, if it is one itself (`weights`)."""


class Wanted(NamedTuple):
    """Which gradients are needed: of each input, of the weights."""

    inputs: tuple[bool, ...]
    weights: bool

    @property
    def any_input(self) -> bool:
        """Whether the gradient of any input is needed."""
        return any(self.inputs)


class SavedTensor(NamedTuple):
    """A tensor saved only for the backward pass: its number of elements, per sample or (`each` false) per batch.

    `width` is bytes per element if the network's dtype does not determine it; `least` is a lower bound.
    """

    numbers: Size
    what: str
    width: int | None = None
    least: int = 0
    each: bool = True


class Saved(NamedTuple):
    """What autograd saves for a layer: inputs by index, its output, other tensors; weights are not counted."""

    inputs: tuple[int, ...] = ()
    output: bool = False
    own: tuple[SavedTensor, ...] = ()

    def and_own(self, *own: SavedTensor) -> Saved:
        """A copy with additional tensors of its own."""
        return self._replace(own=(*self.own, *own))


NONE = Saved()
INPUT = Saved(inputs=(0,))
OUTPUT = Saved(output=True)

INT64 = 8
FLOAT32 = 4


def statistics(numbers: Size, each: bool = True) -> SavedTensor:
    """Mean and 1/σ of this many groups; kept in float32 for half precision."""
    return SavedTensor(2 * numbers, "mean and 1/σ", least=FLOAT32, each=each)


def indices(numbers: Size) -> SavedTensor:
    """The indices of the maxima."""
    return SavedTensor(numbers, "indices", width=INT64)


def input_if(wanted: bool) -> Saved:
    """The first input, if it is needed."""
    return INPUT if wanted else NONE


def input_or_copy(inplace: bool, output: tuple[Size, ...]) -> Saved:
    """The input, or a copy of it if the output overwrites it."""
    return NONE.and_own(SavedTensor(numel(output), "copy of the input")) if inplace else INPUT


def save_copies(saved: Saved, shapes: Sequence[tuple[Size, ...]], copied: Collection[int]) -> Saved:
    """The same, with contiguous copies of the inputs `copied` in the place of those inputs."""
    copies = [SavedTensor(numel(shapes[number]), "copy of the input") for number in saved.inputs if number in copied]
    return saved._replace(inputs=tuple(n for n in saved.inputs if n not in copied), own=(*saved.own, *copies))


def is_one(size: Size) -> bool:
    """Whether a size is the integer 1; False for symbolic sizes."""
    return isinstance(size, int) and size == 1
