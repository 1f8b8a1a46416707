"""What an operation's arguments stand for while its graph is walked: a layer's output under a view, or a constant."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.importers.pytorch.exporting import BATCH, Stored

Sizes = tuple[int, ...]


class Inexpressible(Exception):  # noqa: N818 - a verdict, not a failure
    """An operation that no layer describes, in this place."""


class Tensor(NamedTuple):
    """The output of a layer, or an input of the network, as an operation sees it.

    Our tensors have the batch in front and are never stored permuted; PyTorch's graph moves axes about freely, and
    folds the batch into others. So a permutation is not a layer until something needs it: `order` says for every axis
    that PyTorch sees which axis of ours it is: 0 the batch, k the k-th axis of `shape`, −k the batch and the k-th axis
    as one, the batch outside.
    """

    name: str
    shape: Sizes  # without the batch
    order: tuple[int, ...]

    @property
    def seen(self) -> Sizes:
        """The shape that PyTorch sees."""
        return tuple(self._size(axis) for axis in self.order)

    @property
    def plain(self) -> bool:
        """Whether PyTorch sees it as it is: the batch, then the axes in order."""
        return self.order == tuple(range(len(self.shape) + 1))

    def axis(self, dim: int) -> int:
        """The number of ours that a dimension of PyTorch's has: 0 the batch, 1 the channels.

        Raises:
            Inexpressible: it is the batch, or the batch is folded into it.
        """
        axis = self.order[dim]
        if axis <= 0:
            raise Inexpressible
        return axis

    def _size(self, axis: int) -> int:
        if axis == 0:
            return BATCH
        return self.shape[axis - 1] if axis > 0 else BATCH * self.shape[-axis - 1]


def plain(name: str, shape: Sizes) -> Tensor:
    """A tensor as it is."""
    return Tensor(name, shape, tuple(range(len(shape) + 1)))


class Constant(NamedTuple):
    """A tensor that no input has a part in: a weight, or what is computed of weights alone."""

    shape: Sizes
    sources: tuple[Stored, ...] = ()
    whole: bool = False  # the one source itself, under whatever view


Value = Tensor | Constant
