"""Blur pooling."""

# ruff: noqa: D102
from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class BlurPool(nn.Module):
    """A fixed binomial filter on each channel, with a stride."""

    def __init__(
        self,
        channels: int,
        kernel_size: list[int],
        stride: int | tuple[int, ...],
        padding: list[int],
        padding_mode: str = "reflect",
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.padding, self.padding_mode = padding, padding_mode
        filt = torch.ones(1)
        for size in kernel_size:
            row = [math.comb(size - 1, place) for place in range(size)]
            filt = filt.unsqueeze(-1) * torch.tensor(row) / 2 ** (size - 1)
        self.register_buffer("filt", filt.repeat(channels, 1, *[1] * len(kernel_size)))

    def forward(self, x: Tensor) -> Tensor:
        if any(self.padding):
            x = F.pad(x, self.padding, self.padding_mode)
        conv = getattr(F, f"conv{len(self.kernel_size)}d")
        filt = self.get_buffer("filt")
        blurred: Tensor = conv(x, filt, stride=self.stride, groups=len(filt))
        return blurred
