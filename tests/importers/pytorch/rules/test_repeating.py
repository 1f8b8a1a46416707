"""Rows that are repeated: by `expand`, `repeat`, `tile` and `repeat_interleave`, of images too."""

import pytest
import torch
from torch import nn

from cnncalc import from_torch

from ..figures import assert_computes_the_same, kinds_of_whole

SHAPE = (6, 4, 4)


class Repeated(nn.Module):
    """A map, or a row of it, repeated."""

    def __init__(self, repeat):
        super().__init__()
        self.repeat = repeat

    def forward(self, x):
        return self.repeat(x)


class PerWindow(nn.Module):
    """Queries of the whole map for each of its windows, which are folded into the batch (Global Context ViT)."""

    def forward(self, x):
        windows = x.unflatten(3, (2, 2)).unflatten(2, (2, 2)).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, 6)
        queries = x.mean((2, 3))[:, None].repeat_interleave(len(windows) // len(x), dim=0)
        return (windows * queries).unflatten(0, (-1, 4)).flatten(1, 2)


REPEATED = {
    "expand": Repeated(lambda x: torch.relu(x.mean(2, keepdim=True).expand(-1, -1, 3, -1))),
    "repeat": Repeated(lambda x: x.repeat(1, 2, 1, 3)),
    "tile": Repeated(lambda x: x.tile(2, 1)),
    "interleave": Repeated(lambda x: x.repeat_interleave(3, dim=-1)),
    "channels": Repeated(lambda x: x.repeat_interleave(3, dim=1)),
    "once": Repeated(lambda x: torch.relu(x.repeat_interleave(1, dim=0))),
    "images": PerWindow(),
}


@pytest.mark.parametrize("name", REPEATED)
def test_rows_are_repeated(name):
    module = REPEATED[name]
    kind = {"once": "relu", "interleave": "upsample"}.get(name, "take")
    assert kind in kinds_of_whole(module, SHAPE)
    assert_computes_the_same(module, SHAPE)


def test_more_rows_than_a_list_holds():
    module = Repeated(lambda x: torch.relu(x[:, :, :1, :1].expand(-1, -1, 20_001, -1)))
    with pytest.warns(UserWarning, match="expand"):
        kinds = [layer.kind for layer in from_torch(module, SHAPE, flat=True).analyze().layers]
    assert "unknown" in kinds
