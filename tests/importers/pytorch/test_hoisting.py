"""Layers on the channels of windows are layers on the map: written by hand, and torchvision's Swin and MaxViT."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812 - its usual name
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import cnncalc  # noqa: E402
from cnncalc.importers.pytorch.importing import layers_of  # noqa: E402

DIM, HEADS, SIDE = 12, 2, 4


class Windows(nn.Module):
    """Attention within windows of a map, its batch in front of them or folded in; what follows it; the map again."""

    def __init__(self, spaced=False, shift=0, folded=True, masked=False):
        super().__init__()
        self.spaced, self.shift, self.folded = spaced, shift, folded
        self.norm, self.qkv, self.out = nn.LayerNorm(DIM), nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.gain = nn.Parameter(torch.ones(DIM))
        self.table = nn.Parameter(torch.zeros((2 * SIDE - 1) ** 2, HEADS))
        self.register_buffer("index", torch.zeros(SIDE**2, SIDE**2, dtype=torch.long))
        self.stem = nn.Conv2d(3, DIM, 1)
        self.masked = masked

    def forward(self, x):
        x = self.stem(x).permute(0, 2, 3, 1)
        batch, high, wide, _ = x.shape
        x = x.roll((-self.shift, -self.shift), (1, 2)) if self.shift else x
        sizes = [n for size in (high, wide) for n in ((SIDE, size // SIDE) if self.spaced else (size // SIDE, SIDE))]
        groups, inside = ((2, 4), (1, 3)) if self.spaced else ((1, 3), (2, 4))
        x = x.view(batch, *sizes, DIM).permute(0, *groups, *inside, 5).reshape(batch, -1, SIDE**2, DIM)
        x = x.flatten(0, 1) if self.folded else x
        x = x + self.gain * self.out(self.attend(self.norm(x)))
        x = x.view(batch, *(sizes[axis - 1] for axis in (*groups, *inside)), DIM)
        order = [0, *groups, *inside, 5]
        x = x.permute([order.index(axis) for axis in range(6)]).reshape(batch, high, wide, DIM)
        x = x.roll((self.shift, self.shift), (1, 2)) if self.shift else x
        return x.permute(0, 3, 1, 2)

    def attend(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, HEADS, -1)).movedim(-3, 0).transpose(-2, -3)
        bias = self.table[self.index.view(-1)].view(SIDE**2, SIDE**2, HEADS).permute(2, 0, 1)
        scores = q * (DIM // HEADS) ** -0.5 @ k.transpose(-2, -1) + bias
        if self.masked:
            mask = x.new_zeros(4, SIDE**2, SIDE**2)
            scores = scores.unflatten(0, (-1, 4)) + mask.unsqueeze(1)
            scores = scores.flatten(0, 1)
        return (scores.softmax(-1) @ v).transpose(-2, -3).flatten(-2)


FIELDS = {"num_heads": HEADS, "relative_bias": "offset"}
CASES = {
    "windows": (Windows(), FIELDS | {"window": [SIDE, SIDE]}),
    "the batch apart": (Windows(folded=False), FIELDS | {"window": [SIDE, SIDE]}),
    "shifted": (Windows(shift=2, masked=True), FIELDS | {"window": [SIDE, SIDE], "shift": [2, 2]}),
    "grid": (Windows(spaced=True), FIELDS | {"grid": [SIDE, SIDE]}),
}


@pytest.mark.parametrize("name", CASES)
def test_windows_are_fields_of_attention(name):
    module, fields = CASES[name]
    _, layers = layers_of(module.eval(), {"input": (3, 8, 8)})
    kinds = [layer.kind for layer in layers]
    assert kinds == ["conv", "layernorm", "linear", "attention", "linear", "scale", "add"]
    assert [layer.output[1:] for layer in layers] == [(8, 8)] * 7
    found = next(layer for layer in layers if layer.kind == "attention")
    assert dict(found.arguments) == fields
    same_counts(module, (3, 8, 8))


def same_counts(module, shape):
    """Parameters, buffers, and MACs as PyTorch counts them, of the imported spec and of the module; nothing unknown."""
    report = cnncalc.from_torch(module, shape).analyze()
    assert report.params == sum(map(torch.Tensor.numel, module.parameters()))
    assert report.totals.buffers == sum(map(torch.Tensor.numel, module.buffers()))
    assert not report.cost.at_least
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        module.to("meta")(torch.empty(1, *shape))
    assert 2 * report.cost.macs == counter.get_total_flops()
    return report


class Cosine(Windows):
    """The attention of Swin V2: cosines, a learned factor, and a bias that a network computes; no bias of the keys."""

    def __init__(self):
        super().__init__(shift=2, masked=True)
        self.network = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, HEADS, bias=False))
        self.factor = nn.Parameter(torch.zeros(HEADS, 1, 1))
        self.register_buffer("coordinates", torch.zeros(1, 2 * SIDE - 1, 2 * SIDE - 1, 2))
        del self.table

    def attend(self, x):
        bias = self.qkv.bias.clone()
        bias[DIM : 2 * DIM].zero_()
        q, k, v = F.linear(x, self.qkv.weight, bias).unflatten(-1, (3, HEADS, -1)).movedim(-3, 0).transpose(-2, -3)
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1) * self.factor.clamp(max=4).exp()
        table = self.network(self.coordinates).view(-1, HEADS)[self.index.view(-1)]
        scores = scores + 16 * table.view(SIDE**2, SIDE**2, HEADS).permute(2, 0, 1).sigmoid()
        return (scores.softmax(-1) @ v).transpose(-2, -3).flatten(-2)


def test_a_computed_bias_is_layers():
    with pytest.warns(UserWarning, match="its bias is computed from the stored one"):
        report = same_counts(Cosine().eval(), (3, 8, 8))
    kinds = [layer.kind for layer in report.layers]
    network = ["constant", "linear", "relu", "linear", "sigmoid", "rescale", "flatten"]
    others = ["conv", "layernorm", "linear", "attention", "linear", "scale", "add"]
    assert sorted(kinds) == sorted([*network, *others])


class Beit(nn.Module):
    """Queries and values with a bias, keys with a buffer of zeros, as BEiT has them; a table that is looked up."""

    def __init__(self):
        super().__init__()
        self.stem, self.weight = nn.Conv2d(3, DIM, 4, 4), nn.Parameter(torch.ones(3 * DIM, DIM))
        self.q_bias, self.v_bias = nn.Parameter(torch.zeros(DIM)), nn.Parameter(torch.zeros(DIM))
        self.table = nn.Parameter(torch.zeros(30, HEADS))
        self.register_buffer("k_bias", torch.zeros(DIM))
        self.register_buffer("index", torch.zeros(16, 16, dtype=torch.long))

    def forward(self, x):
        x = self.stem(x).flatten(2).mT
        qkv = F.linear(x, self.weight, torch.cat([self.q_bias, self.k_bias, self.v_bias]))
        q, k, v = qkv.unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        bias = self.table[self.index.view(-1)].view(16, 16, HEADS).permute(2, 0, 1).unsqueeze(0)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).flatten(2).mean(1)


def test_biases_that_are_partly_buffers():
    report = same_counts(Beit().eval(), (3, 16, 16))
    kinds = [layer.kind for layer in report.layers if layer.kind not in ("flatten", "permute", "reshape")]
    assert kinds == ["conv", "linear", "linear", "constant", "linear", "parameter", "attention", "mean"]


class Positions(nn.Module):
    """Learned positions of another size, resized, and a small network on positions."""

    def __init__(self):
        super().__init__()
        self.stem, self.on_positions = nn.Conv2d(3, DIM, 4, 4), nn.Conv2d(2, DIM, 1)
        self.positions = nn.Parameter(torch.zeros(1, DIM, 7, 7))
        self.register_buffer("places", torch.zeros(1, 2, 4, 4))

    def forward(self, x):
        x = self.stem(x) + F.interpolate(self.positions, (4, 4), mode="bicubic")
        return x + self.on_positions(self.places).repeat(len(x), 1, 1, 1)


def test_learned_tensors_that_are_computed_are_layers():
    module = Positions().eval()
    _, layers = layers_of(module, {"input": (3, 16, 16)})
    assert [each.kind for each in layers] == ["conv", "parameter", "upsample", "add", "constant", "conv", "add"]
    same_counts(module, (3, 16, 16))
