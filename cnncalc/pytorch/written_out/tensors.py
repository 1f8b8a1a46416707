"""Tensors that no input enters, and what joins them with one."""

# ruff: noqa: D102
from __future__ import annotations

import torch
from torch import Tensor, nn


class Learned(nn.Module):
    """A learned tensor, by itself (for as many images as `x` has) or merged with `x`."""

    def __init__(self, shape: list[int], merge: str = "none", dim: int = 2) -> None:
        super().__init__()
        self.merge, self.dim = merge, dim
        self.weight = nn.Parameter(torch.randn(shape) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        return merge_with(x, self.weight, self.merge, self.dim)


class Constant(nn.Module):
    """A tensor that is not trained, by itself or merged with `x`."""

    def __init__(
        self,
        shape: list[int],
        merge: str = "none",
        dim: int = 2,
        buffer: bool = False,
        value: float | None = None,
    ) -> None:
        super().__init__()
        self.merge, self.dim, self.stored = merge, dim, buffer
        tensor = torch.randn(shape) if value is None else torch.full(shape, float(value))
        self.register_buffer("weight", tensor, persistent=buffer)

    def forward(self, x: Tensor) -> Tensor:
        out = merge_with(x, self.get_buffer("weight"), self.merge, self.dim)
        return out if self.merge != "none" or self.stored else out.clone()


def merge_with(x: Tensor, tensor: Tensor, merge: str, dim: int) -> Tensor:
    """Join a tensor that is the same for all images with `x`."""
    if merge == "add":
        return x + tensor
    if merge == "multiply":
        return x * tensor
    each = tensor.expand(x.shape[0], *tensor.shape)
    return torch.cat([each, x], dim) if merge == "concat" else each
