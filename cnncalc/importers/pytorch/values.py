"""What an operation's arguments stand for: the output of a layer under a view, or a constant."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

Sizes = tuple[int, ...]


class Inexpressible(Exception):  # noqa: N818 - a result, not a failure
    """No layer describes this operation as it is used here."""


class Stored(NamedTuple):
    """A parameter or buffer of the network; two names of one tensor have the same `key`."""

    name: str
    key: int
    shape: tuple[int, ...]
    learnt: bool
    frozen: bool = False

    @property
    def numel(self) -> int:
        """The number of its elements."""
        return prod(self.shape)


class Tensor(NamedTuple):
    """The output of a layer, or an input of the network, as an operation sees it.

    Our tensors have the batch in front and are never stored permuted; PyTorch's graph moves axes freely, and folds the
    batch into others. A permutation therefore becomes a layer only when something needs it: for every axis that PyTorch
    sees, `order` gives our axis: 0 for the batch, k for the k-th axis of `shape`, −k for the batch and the k-th axis
    folded into one, the batch outside.
    """

    name: str
    shape: Sizes  # without the batch
    order: tuple[int, ...]

    def seen(self, batch: int) -> Sizes:
        """The shape that PyTorch sees in a capture with this batch."""
        return tuple(self._size(axis, batch) for axis in self.order)

    @property
    def plain(self) -> bool:
        """Whether PyTorch sees our order: the batch, then the axes."""
        return self.order == tuple(range(len(self.shape) + 1))

    def axis(self, dim: int) -> int:
        """Our number for a dimension that PyTorch sees: 1 for the channels.

        Raises:
            Inexpressible: it is the batch, or the batch is folded into it.
        """
        axis = self.order[dim]
        if axis <= 0:
            raise Inexpressible
        return axis

    def _size(self, axis: int, batch: int) -> int:
        if axis == 0:
            return batch
        return self.shape[axis - 1] if axis > 0 else batch * self.shape[-axis - 1]


def plain(name: str, shape: Sizes) -> Tensor:
    """A tensor in our order."""
    return Tensor(name, shape, tuple(range(len(shape) + 1)))


class Made:
    """The operation that computed a tensor; two of them are never equal."""

    __slots__ = ("call",)

    def __init__(self, call: Any) -> None:  # noqa: ANN401 - a Call, which is defined with these values
        self.call = call


class Constant(NamedTuple):
    """A tensor that does not depend on any input: a weight, or one computed from weights."""

    shape: Sizes
    sources: tuple[Stored, ...] = ()
    whole: bool = False  # it is a view of its only source
    repeated: int | None = None  # the dimension along which it is repeated for every image
    made: Made | None = None


class Batched:
    """Tensors of one shape that were concatenated along the batch, as a siamese network does with its inputs.

    What follows acts on each of them, with the same weights, until they are divided again.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Tensor]) -> None:
        self.parts = tuple(parts)


Value = Tensor | Constant | Batched
