"""Layers that make a map larger or smaller without a window: pad, crop, upsample."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.pytorch.modules.place import Builder, Place

Pairs = tuple[tuple[int, int], ...]


def flat(pads: Pairs) -> list[int]:
    """Low and high rows of every axis, in the order of `F.pad`: the last axis first."""
    return [side for pair in reversed(pads) for side in pair]


def halves(rows: list[int]) -> Pairs:
    """⌊d/2⌋ on the low side, the rest on the high side."""
    return tuple((d // 2, d - d // 2) for d in rows)


class Pad(nn.Module):
    """Rows around a map: by number, up to a size, or up to the size of a second input."""

    def __init__(self, padding: Pairs | None, size: tuple[int, ...] | None, mode: str, value: float | None) -> None:
        super().__init__()
        self.padding, self.size, self.mode, self.value = padding, size, mode, value

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        """[batch, channels, *sizes] to [batch, channels, *(sizes + padding)]."""
        pads = self.padding
        if pads is None:
            pads = halves([to - n for to, n in zip(_target(self.size, like), x.shape[2:], strict=True)])
        return F.pad(x, flat(pads), self.mode, self.value)

    def extra_repr(self) -> str:
        """How much of what."""
        return f"{self.padding or self.size or 'like'}, mode={self.mode}, value={self.value}"


class Crop(nn.Module):
    """Rows taken off a map: by number, down to a size, or down to the size of a second input."""

    def __init__(self, margin: Pairs | None, size: tuple[int, ...] | None) -> None:
        super().__init__()
        self.margin, self.size = margin, size

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        """[batch, channels, *sizes] to [batch, channels, *(sizes − margin)]."""
        margin = self.margin
        if margin is None:
            margin = halves([n - to for to, n in zip(_target(self.size, like), x.shape[2:], strict=True)])
        parts = [slice(low, n - high) for n, (low, high) in zip(x.shape[2:], margin, strict=True)]
        kept = (slice(None), slice(None), *parts)
        return x[kept]

    def extra_repr(self) -> str:
        """How much."""
        return f"{self.margin or self.size or 'like'}"


class UpsampleLike(nn.Module):
    """A map interpolated to the spatial size of a second input."""

    def __init__(self, mode: str, align_corners: bool | None = None) -> None:
        super().__init__()
        self.mode, self.align_corners = mode, align_corners

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        """[batch, channels, *sizes] to [batch, channels, *sizes of `like`]."""
        return F.interpolate(x, size=like.shape[2:], mode=self.mode, align_corners=self.align_corners)

    def extra_repr(self) -> str:
        """The mode."""
        return f"mode={self.mode}, align_corners={self.align_corners}"


def _target(size: tuple[int, ...] | None, like: Tensor | None) -> tuple[int, ...]:
    """The size to reach: the one given, or else that of the second input."""
    if size is not None:
        return size
    assert like is not None
    return tuple(like.shape[2:])


def _pad(place: Place) -> nn.Module:
    given: dict[str, Any] = {"padding": None, "size": None, **place.fields("like", "value")}
    value = place.layer.value
    return Pad(**given, value=float(value) if value else None)


def _crop(place: Place) -> nn.Module:
    return Crop(**{"margin": None, "size": None, **place.fields("like")})


def _upsample(place: Place) -> nn.Module:
    """PyTorch's own, by size where its ⌊n·scale⌋, in floating point, misses the exact one: ⌊100·0.29⌋ is 28 there."""
    fields = place.fields("scale_factor", "like")
    if place.layer.like is not None:
        return UpsampleLike(**fields)
    factors: tuple[int | Fraction, ...] | None = place.layer.scale_factor
    if factors is None:
        return nn.Upsample(**fields)
    scales = tuple(map(float, factors))
    if tuple(math.floor(n * scale) for n, scale in zip(place.shape[1:], scales, strict=True)) != place.output[1:]:
        return nn.Upsample(size=place.output[1:], **fields)
    return nn.Upsample(scale_factor=scales, **fields)


RESIZING: dict[str, Builder] = {"pad": _pad, "crop": _crop, "upsample": _upsample}
