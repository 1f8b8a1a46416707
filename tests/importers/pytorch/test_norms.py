"""RMS normalization that a network writes out, over channels or the last axis."""

import pytest
import torch
from torch import nn

from cnncalc import from_torch

from .figures import assert_computes_the_same, kinds_of_whole

SHAPE = (6, 4, 5)


class Written(nn.Module):
    """x · rsqrt(mean(x²) + ε) · γ, as timm and language models have it."""

    def __init__(self, dim, square=lambda x: x.pow(2), keeps=False):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(SHAPE[dim - 1] if dim > 0 else SHAPE[dim]))
        self.dim, self.square, self.keeps = dim, square, keeps

    def forward(self, x):
        root = torch.rsqrt(self.square(x).mean(self.dim, keepdim=True) + 1e-6)
        shape = [1, -1, 1, 1] if self.dim == 1 else [-1]
        result = x * root * self.weight.reshape(shape)
        return torch.cat([result, root.expand_as(x)], 1) if self.keeps else result


NORMS = {"channels": Written(1), "last": Written(-1), "product": Written(1, lambda x: x * x)}


@pytest.mark.parametrize("name", NORMS)
def test_it_is_one_layer(name):
    kinds = kinds_of_whole(NORMS[name], SHAPE)
    assert kinds[0] == "rmsnorm"
    assert len(kinds) == 2
    assert_computes_the_same(NORMS[name], SHAPE)


@pytest.mark.parametrize(
    "module", [Written(1, torch.exp), Written(1, keeps=True)], ids=["no square", "the root is read elsewhere"]
)
def test_anything_else_is_not(module):
    with pytest.warns(UserWarning, match="rsqrt"):
        kinds = [layer.kind for layer in from_torch(module, SHAPE, flat=True).analyze().layers]
    assert "rmsnorm" not in kinds
