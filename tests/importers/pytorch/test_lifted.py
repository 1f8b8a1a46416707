"""Tensors computed from learned ones that have no axis for the batch: layers by themselves, none of them unknown."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812 - its usual name

from cnncalc import from_torch  # noqa: E402
from cnncalc.pytorch import build  # noqa: E402

from .figures import kinds_of_whole  # noqa: E402

CHANNELS, SIDE = 6, 4
SHAPE = (CHANNELS, SIDE, SIDE)
DISTANCES = (torch.arange(SIDE)[:, None] - torch.arange(SIDE)).abs()


class Rows(nn.Module):
    """Scores of two heads, which mix, biased by a table whose columns a buffer of indices names."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(CHANNELS, SIDE))
        self.register_buffer("places", DISTANCES)
        self.mix = nn.Conv2d(CHANNELS, CHANNELS, 1)

    def forward(self, x):
        return self.mix(x + self.table[:, self.places])


class Shared(nn.Module):
    """Two sums with a row each of one table that is looked up."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(2, SIDE))
        self.register_buffer("places", DISTANCES)

    def forward(self, x):
        rows = self.table[:, self.places]
        for number in range(2):
            x = F.relu(x + rows[number])
        return x


class Gates(nn.Module):
    """Shares of two branches, of which one is learned per channel."""

    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(2 * CHANNELS))

    def forward(self, x):
        alpha = torch.sigmoid(self.alpha).view(2, -1, 1, 1)
        for number in range(2):
            x = (1 - alpha[number]) * x + alpha[number] * F.relu(x)
        return x


class ByQuery(nn.Module):
    """Positions that every query weighs: a product with a table of vectors by distance."""

    def __init__(self, equation):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(SIDE, CHANNELS))
        self.equation = equation

    def forward(self, x):
        return torch.einsum(self.equation, x.permute(0, 2, 3, 1), self.table[DISTANCES])


class Heads(nn.Module):
    """The same for heads that are folded into the batch."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(SIDE, CHANNELS // 2))

    def forward(self, x):
        q = x.unflatten(1, (2, -1)).flatten(0, 1).permute(0, 2, 3, 1)
        return torch.einsum("bhwc,hkc->bhwk", q, self.table[DISTANCES]).unflatten(0, (-1, 2))


class Joined(nn.Module):
    """Positions that are put together from a row of their own and sums over frames and places (MViT)."""

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(CHANNELS))
        self.frames = nn.Parameter(torch.zeros(3, CHANNELS))
        self.places = nn.Parameter(torch.zeros(5, CHANNELS))

    def forward(self, x):
        both = self.frames.repeat_interleave(5, dim=0)
        both = both.add_(self.places.unsqueeze(0).expand(3, -1, -1).reshape(-1, CHANNELS))
        positions = torch.cat([self.first.unsqueeze(0), both]).unsqueeze(0)
        return (x.flatten(2).transpose(1, 2) + positions).transpose(1, 2)


class Parted(nn.Module):
    """A table that is parted and put together again, as one that could have been resized in between."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(1, SIDE * SIDE, CHANNELS))

    def forward(self, x):
        positions = torch.cat([self.table[:, :1], self.table[:, 1:]], 1)
        return (x.flatten(2).transpose(1, 2) + positions).transpose(1, 2)


class Tiled(nn.Module):
    """Positions that are resized, and others within windows, the same in each (Hiera of SAM 2)."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(1, CHANNELS, 3, 3))
        self.within = nn.Parameter(torch.zeros(1, CHANNELS, 2, 2))

    def forward(self, x):
        resized = F.interpolate(self.positions, size=(SIDE, SIDE), mode="bicubic")
        return x + (resized + self.within.tile((SIDE // 2, SIDE // 2)))


class Windows(nn.Module):
    """A table that is looked up, with an axis for the windows, which are folded into the batch."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(SIDE, 2))
        self.register_buffer("places", DISTANCES)

    def forward(self, x):
        scores = x.permute(0, 2, 1, 3).unflatten(2, (2, -1))[:, :, :, :1].expand(-1, -1, -1, SIDE, -1).flatten(0, 1)
        return (scores + self.table[self.places].permute(2, 0, 1)[None]).unflatten(0, (-1, SIDE))


CASES = {
    "joined": (Joined(), "concat"),
    "parted": (Parted(), "concat"),
    "tiled": (Tiled(), "take"),
    "windows": (Windows(), "embedding"),
    "rows": (Rows(), "embedding"),
    "shared": (Shared(), "embedding"),
    "gates": (Gates(), "sigmoid"),
    "rows by query": (ByQuery("bhwc,hkc->bhwk"), "matmul"),
    "columns by query": (ByQuery("bhwc,wkc->bhwk"), "matmul"),
    "heads by query": (Heads(), "matmul"),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_unknown_and_all_figures_agree(name):
    module, kind = CASES[name]
    assert kind in kinds_of_whole(module, SHAPE)


class Pooled(nn.Module):
    """Attention among windows, of which the queries are pooled; and a quotient of two maps, as of linear attention."""

    def forward(self, x):
        rows = x.flatten(2).unflatten(2, (SIDE, SIDE)).permute(0, 2, 3, 1).unflatten(3, (2, -1)).permute(0, 3, 1, 2, 4)
        queries = rows.unflatten(3, (2, SIDE // 2)).amax(3)
        return F.scaled_dot_product_attention(queries, rows, rows)


class Quotient(nn.Module):
    def forward(self, x):
        return F.relu(x) / (x.sum(1, keepdim=True).abs() + 1)


@pytest.mark.parametrize("module", [Pooled(), Quotient()], ids=["pooled", "quotient"])
def test_it_computes_the_same(module):
    spec = from_torch(module, SHAPE, flat=True)
    assert "unknown" not in {layer.kind for layer in spec.analyze().layers}
    x = torch.randn(2, *SHAPE)
    torch.testing.assert_close(build(spec.graph()).eval()(x), module(x))


def test_a_table_that_is_looked_up_is_one():
    """Its layer is read twice, not repeated."""
    kinds = [layer.kind for layer in from_torch(Shared(), SHAPE, flat=True).analyze().layers]
    assert kinds.count("embedding") == kinds.count("constant") == 1
