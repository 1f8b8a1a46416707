"""Windows over maps that are folded into the batch, as the heads of a pooled attention are."""

import pytest
import torch
from torch import nn

from ..figures import assert_computes_the_same, kinds_of_whole

HEADS, WIDTH = 3, 4
SIZES = (4, 6, 5)


class Heads(nn.Module):
    """Every head of a map through one layer."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        maps = x.reshape(-1, WIDTH, *x.shape[2:])
        return self.layer(maps).unflatten(0, (-1, HEADS))


LAYERS = {
    "conv1d": nn.Conv1d(WIDTH, 5, 3, stride=2, padding=1),
    "conv2d": nn.Conv2d(WIDTH, WIDTH, 3, groups=WIDTH, bias=False),
    "conv3d": nn.Conv3d(WIDTH, WIDTH, 3, stride=(1, 2, 2), padding=1, groups=WIDTH, bias=False),
    "conv3d with a bias": nn.Conv3d(WIDTH, 2, (1, 3, 3)),
    "maxpool2d": nn.MaxPool2d(2),
    "maxpool3d": nn.MaxPool3d((1, 2, 2)),
    "avgpool3d": nn.AvgPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_head_runs_through_the_same_layer(name):
    rank = int(name[: name.index("d")][-1])
    module, shape = Heads(LAYERS[name]), (HEADS * WIDTH, *SIZES[:rank])
    kinds = kinds_of_whole(module, shape)
    assert kinds.count(name.split()[0][:-2]) == (HEADS if rank == 3 else 1)
    assert_computes_the_same(module, shape)


class PerFrame(nn.Module):
    """A matrix for every frame, computed from a table, times rows that are folded into the batch (MViT)."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(7, WIDTH))

    def forward(self, x):
        rows = x.permute(2, 0, 3, 1)
        frames = self.table[torch.arange(4)[:, None] + torch.arange(3)]
        product = rows.flatten(1, 2) @ frames.transpose(1, 2)
        return product.unflatten(1, (-1, x.shape[3])).permute(1, 3, 0, 2)


def test_a_product_of_folded_rows_with_learnt_matrices():
    assert "matmul" in kinds_of_whole(PerFrame(), (WIDTH, 4, 5))
