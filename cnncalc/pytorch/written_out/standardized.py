"""Convolution with standardized weights."""

# ruff: noqa: D102
from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class StdConv(nn.Module):
    """Convolution with weights of mean 0 and variance 1 in each filter."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: list[int],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        gain: bool = False,
        gamma: float = 1,
        eps: float = 1e-6,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.groups, self.eps = groups, eps
        shape = [out_channels, in_channels // groups, *kernel_size]
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        ones = [1] * (len(kernel_size) + 1)
        self.gain = nn.Parameter(torch.ones(out_channels, *ones)) if gain else None
        self.gamma = gamma
        self.scale = gamma / math.sqrt(math.prod(shape[1:]))
        nn.init.kaiming_normal_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        flat = self.weight.flatten(1)[None]
        gain = None if self.gain is None else (self.gain * self.scale).flatten()
        weight = F.batch_norm(flat, None, None, gain, None, True, 0.0, self.eps)
        weight = weight.view_as(self.weight)
        conv = getattr(F, f"conv{x.dim() - 2}d")
        sizes = (self.stride, self.padding, self.dilation, self.groups)
        output: Tensor = conv(x, weight, self.bias, *sizes)
        return output
