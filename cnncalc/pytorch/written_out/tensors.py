"""Tensors that no input enters, and what joins them with one."""

# ruff: noqa: D102
from __future__ import annotations

from collections.abc import Callable

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
        tensor = torch.randn(shape)
        if value is not None:
            tensor.fill_(value)
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


class Grn(nn.Module):
    """Global response normalization (ConvNeXt V2)."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        axes = list(range(2, x.dim()))
        each = (-1, *[1] * (x.dim() - 2))
        length = torch.linalg.vector_norm(x, dim=axes, keepdim=True)
        part = length / (length.mean(1, keepdim=True) + self.eps)
        weight, bias = self.weight.view(each), self.bias.view(each)
        return x + torch.addcmul(bias, weight, x * part)


class DropPath(nn.Module):
    """Images set to zero at random in training (stochastic depth)."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = x.new_empty(x.shape[0], *[1] * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * (kept / (1 - self.p) if self.p < 1 else kept)


def gated(x: Tensor, gate: Callable[[Tensor], Tensor], dim: int) -> Tensor:
    """The first half along a dimension, times an activation of the second."""
    first, second = x.chunk(2, dim)
    return first * gate(second)


def take(x: Tensor, indices: list[int], dim: int) -> Tensor:
    """Return the chosen rows of a dimension; negative indices count from the end."""
    size = x.shape[dim]
    rows = torch.tensor([index % size for index in indices], device=x.device)
    return x.index_select(dim, rows)
