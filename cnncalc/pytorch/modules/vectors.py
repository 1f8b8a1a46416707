"""Layers that weigh every number of a vector: linear, radial basis functions, capsules."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from cnncalc.pytorch.modules.place import Builder, Place


class ChannelLinear(nn.Linear):
    """A linear layer over the channels of a map: a 1×1 convolution by another name."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as its base calls it
        """[batch, in_features, …] to [batch, out_features, …]."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class Rbf(nn.Module):
    """The squared distance of the input to a code per class; the codes are not learnt (LeCun 1998, equation 7).

    They begin as −1 and 1 at random: the paper draws them by hand, as bitmaps of the digits.
    """

    codes: Tensor

    def __init__(self, features: int, classes: int, **factory: Any) -> None:  # noqa: ANN401
        super().__init__()
        signs = torch.randint(0, 2, (classes, features), device=factory.get("device")) * 2 - 1
        self.register_buffer("codes", signs.to(factory.get("dtype") or torch.get_default_dtype()))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, features] to [batch, classes]."""
        return (x[:, None] - self.codes).square().sum(-1)

    def extra_repr(self) -> str:
        """Features and classes."""
        classes, features = self.codes.shape
        return f"{features}, classes={classes}"


class Capsule(nn.Module):
    """Capsules that receive their input by agreement (Sabour, Frosst, Hinton, arXiv:1710.09829, procedure 1)."""

    def __init__(self, below: tuple[int, ...], capsules: int, dim: int, routings: int, **factory: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.routings = routings
        self.weight = nn.Parameter(torch.empty(capsules, below[0], dim, below[1], **factory))
        nn.init.normal_(self.weight, std=0.1)

    def forward(self, u: Tensor) -> Tensor:
        """[batch, capsules below, dim below] to [batch, capsules, dim]."""
        capsules, below, dim, _ = self.weight.shape
        each = self.weight.permute(1, 3, 0, 2).flatten(2)  # [below, dim below, capsules · dim]
        predictions = torch.bmm(u.transpose(0, 1), each).view(below, -1, capsules, dim).permute(1, 2, 0, 3)
        logits = torch.zeros_like(predictions[..., :1])
        for turn in range(self.routings):
            out = squash((logits.softmax(1) * predictions).sum(2))
            if turn < self.routings - 1:  # the last one's agreement would go unused
                logits = logits + (predictions * out[:, :, None]).sum(-1, keepdim=True)
        return out

    def extra_repr(self) -> str:
        """Its sizes."""
        capsules, below, dim, dim_below = self.weight.shape
        return f"{below}×{dim_below}, capsules={capsules}, dim={dim}, routings={self.routings}"


def squash(vectors: Tensor) -> Tensor:
    """Vectors with their direction kept and their length brought below 1 (equation 1): v·|v|/(1 + |v|²)."""
    square = vectors.square().sum(-1, keepdim=True)
    return vectors * (square + torch.finfo(square.dtype).tiny).sqrt() / (1 + square)


def _linear(place: Place) -> nn.Module:
    channels = place.layer.axis == "channels" and place.rank > 0
    module, features = (ChannelLinear, place.shape[0]) if channels else (nn.Linear, place.shape[-1])
    return module(features, **place.fields("axis"), **place.factory)


VECTORS: dict[str, Builder] = {
    "linear": _linear,
    "rbf": lambda place: Rbf(place.shape[0], **place.fields(), **place.factory),
    "capsule": lambda place: Capsule(place.shape, **place.fields(), **place.factory),
}
