"""Activation, normalization and what only training sees: PyTorch's own modules, but for a few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.pytorch.modules.place import Builder, Place

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)  # by spatial axes
INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
CHANNEL_DROPOUTS = (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


class Abs(nn.Module):
    """The absolute value."""

    def forward(self, x: Tensor) -> Tensor:
        """[batch, …], as it enters."""
        return torch.abs(x)


class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalization over the channels of a map."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, channels, …], as it enters."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class VolumeLrn(nn.LocalResponseNorm):
    """Local response normalization of a volume; PyTorch's takes views of it that a permuted one does not allow."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, channels, depth, height, width], as it enters."""
        return super().forward(input.contiguous())


class L2Norm(nn.Module):
    """Every pixel's channels divided by their Euclidean length."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, …], as it enters."""
        return F.normalize(x, dim=1, eps=self.eps)

    def extra_repr(self) -> str:
        """The eps."""
        return f"eps={self.eps}"


class Scale(nn.Module):
    """A learnt factor per channel, and a constant where wanted."""

    bias: nn.Parameter | None

    def __init__(self, channels: int, bias: bool, init: float, **factory: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(init), **factory))
        self.bias = nn.Parameter(torch.zeros(channels, **factory)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, …], as it enters."""
        each = (-1, *(1,) * (x.dim() - 2))
        scaled = x * self.weight.view(each)
        return scaled if self.bias is None else scaled + self.bias.view(each)

    def extra_repr(self) -> str:
        """The channels."""
        return f"{len(self.weight)}, bias={self.bias is not None}"


class Rescale(nn.Module):
    """A fixed factor and a fixed constant."""

    def __init__(self, factor: float = 1, offset: float = 0) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Tensor) -> Tensor:
        """[batch, …], as it enters."""
        scaled = x if self.factor == 1 else x * self.factor
        return scaled if self.offset == 0 else scaled + self.offset

    def extra_repr(self) -> str:
        """The numbers."""
        return f"factor={self.factor}, offset={self.offset}"


def same_fields(module: Callable[..., nn.Module]) -> Builder:
    """PyTorch's module of the same fields."""
    return lambda place: module(**place.fields())


def _batchnorm(place: Place) -> nn.Module:
    return BATCH_NORMS[place.rank](place.channels, **place.fields(), **place.factory)


def _instancenorm(place: Place) -> nn.Module:
    return INSTANCE_NORMS[place.rank - 1](place.channels, **place.fields(), **place.factory)


def _groupnorm(place: Place) -> nn.Module:
    return nn.GroupNorm(num_channels=place.channels, **place.fields(), **place.factory)


def _layernorm(place: Place) -> nn.Module:
    channels = place.layer.axis == "channels" and place.rank > 0
    module, size = (ChannelLayerNorm, place.shape[0]) if channels else (nn.LayerNorm, place.shape[-1])
    return module(size, **place.fields("axis"), **place.factory)


def _dropout(place: Place) -> nn.Module:
    by_channel = place.layer.mode == "channel"
    module = CHANNEL_DROPOUTS[place.rank - 1] if by_channel else nn.Dropout
    return module(**place.fields("mode"))


def _lrn(place: Place) -> nn.Module:
    return (VolumeLrn if place.rank == 3 else nn.LocalResponseNorm)(**place.fields())


def _prelu(place: Place) -> nn.Module:
    return nn.PReLU(**place.fields(), **place.factory)


POINTWISE: dict[str, Builder] = {
    "relu": same_fields(nn.ReLU),
    "relu6": same_fields(nn.ReLU6),
    "leaky_relu": same_fields(nn.LeakyReLU),
    "prelu": _prelu,
    "elu": same_fields(nn.ELU),
    "selu": same_fields(nn.SELU),
    "celu": same_fields(nn.CELU),
    "gelu": same_fields(nn.GELU),
    "silu": same_fields(nn.SiLU),
    "mish": same_fields(nn.Mish),
    "sigmoid": same_fields(nn.Sigmoid),
    "tanh": same_fields(nn.Tanh),
    "abs": same_fields(Abs),
    "hardswish": same_fields(nn.Hardswish),
    "hardsigmoid": same_fields(nn.Hardsigmoid),
    "hardtanh": same_fields(nn.Hardtanh),
    "softplus": same_fields(nn.Softplus),
    "rescale": same_fields(Rescale),
    "softmax": same_fields(nn.Softmax),
    "log_softmax": same_fields(nn.LogSoftmax),
    "batchnorm": _batchnorm,
    "layernorm": _layernorm,
    "groupnorm": _groupnorm,
    "instancenorm": _instancenorm,
    "lrn": _lrn,
    "l2norm": same_fields(L2Norm),
    "scale": lambda place: Scale(place.channels, **place.fields(), **place.factory),
    "dropout": _dropout,
    "identity": same_fields(nn.Identity),
}
