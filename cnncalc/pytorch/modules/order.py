"""The same numbers in another shape or order, or a part or summary of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cnncalc.pytorch.modules.place import Builder, Place
from cnncalc.pytorch.modules.pointwise import same_fields


class Reshape(nn.Module):
    """The same numbers in another shape; the batch stays in front."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """[batch, …] to [batch, *shape]."""
        return x.reshape(x.shape[0], *self.shape)

    def extra_repr(self) -> str:
        """The shape."""
        return f"{self.shape}"


class Permute(nn.Module):
    """The axes in another order; the batch stays in front."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        """The sizes in the order of `dims`."""
        return x.permute(0, *self.dims)

    def extra_repr(self) -> str:
        """The order."""
        return f"{self.dims}"


class Slice(nn.Module):
    """A part of one dimension, as Python slices: x[start:end:step]."""

    def __init__(self, dim: int, start: int = 0, end: int | None = None, step: int = 1) -> None:
        super().__init__()
        self.dim = dim
        self.part = slice(start, end, step)

    def forward(self, x: Tensor) -> Tensor:
        """The shape that enters, with fewer in `dim`."""
        return x[(slice(None),) * self.dim + (self.part,)]

    def extra_repr(self) -> str:
        """Which part of which dimension."""
        return f"dim={self.dim}, start={self.part.start}, end={self.part.stop}, step={self.part.step}"


class Mean(nn.Module):
    """The mean over some dimensions."""

    def __init__(self, dim: tuple[int, ...], keepdim: bool) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        """The shape that enters without the dimensions, or with 1 in their place."""
        return torch.mean(x, self.dim, self.keepdim)

    def extra_repr(self) -> str:
        """Over which dimensions."""
        return f"dim={self.dim}, keepdim={self.keepdim}"


def _slice(place: Place) -> nn.Module:
    fields = place.fields()
    return Slice(**{**fields, "dim": fields["dim"] % (len(place.shape) + 1)})


def _mean(place: Place) -> nn.Module:
    fields = place.fields()
    spatial = tuple(range(2, len(place.shape) + 1))
    return Mean(**{**fields, "dim": spatial if fields["dim"] == "spatial" else fields["dim"]})


ORDER: dict[str, Builder] = {
    "flatten": same_fields(nn.Flatten),
    "reshape": same_fields(Reshape),
    "permute": same_fields(Permute),
    "pixel_shuffle": same_fields(nn.PixelShuffle),
    "pixel_unshuffle": same_fields(nn.PixelUnshuffle),
    "channel_shuffle": same_fields(nn.ChannelShuffle),
    "slice": _slice,
    "mean": _mean,
}
