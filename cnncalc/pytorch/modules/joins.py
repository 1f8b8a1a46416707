"""Layers that join several tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import ClassVar

import torch
from torch import Tensor, nn

from cnncalc.pytorch.modules.place import Builder
from cnncalc.pytorch.modules.pointwise import same_fields


class _Fold(nn.Module):
    """A function of two tensors, from the first input to the last."""

    function: ClassVar[Callable[[Tensor, Tensor], Tensor]]

    def forward(self, *tensors: Tensor) -> Tensor:
        """Tensors of one shape, where a size of 1 takes any other."""
        return reduce(type(self).function, tensors)


class Add(_Fold):
    """The sum of its inputs."""

    function = torch.add


class Subtract(_Fold):
    """The first input less all others."""

    function = torch.sub


class Multiply(_Fold):
    """The product of its inputs, number by number."""

    function = torch.mul


class Matmul(nn.Module):
    """The matrix product over the last two axes."""

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """[…, n, m] from […, n, k] and […, k, m]."""
        return torch.matmul(left, right)


class Concat(nn.Module):
    """Its inputs laid end to end along a dimension."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *tensors: Tensor) -> Tensor:
        """The shape of the first, with the sum of the sizes of `dim`."""
        return torch.cat(tensors, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


JOINS: dict[str, Builder] = {
    "add": same_fields(Add),
    "subtract": same_fields(Subtract),
    "multiply": same_fields(Multiply),
    "concat": same_fields(Concat),
    "matmul": same_fields(Matmul),
}
