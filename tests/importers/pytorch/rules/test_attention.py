"""Attention recognised by the places that its heads read: written by hand, by PyTorch's modules, and by our own."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812 - its usual name
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import cnncalc  # noqa: E402
from cnncalc.importers.pytorch.importing import layers_of  # noqa: E402
from cnncalc.pytorch import build  # noqa: E402

DIM, HEADS = 24, 3
PLAIN = "attention {'num_heads': 3}"


class Tokens(nn.Module):
    """Patches to tokens [batch, tokens, channels], something that attends, and their mean."""

    def __init__(self, attend):
        super().__init__()
        self.patches = nn.Conv2d(3, DIM, 4, 4)
        self.attend = attend

    def forward(self, x):
        return self.attend(self.patches(x).flatten(2).transpose(1, 2)).mean(1)


class Written(nn.Module):
    """Attention written by hand: how q, k, v are cut out of projections, and how they are multiplied."""

    def __init__(self, cut, product, widths=(3 * DIM,)):
        super().__init__()
        self.projections = nn.ModuleList(nn.Linear(DIM, width) for width in widths)
        self.cut, self.product = cut, product
        self.out = nn.Linear(DIM, DIM)

    def forward(self, x):
        q, k, v = self.cut(*(each(x) for each in self.projections))
        return self.out(self.product(q, k, v).transpose(1, 2).reshape(x.shape))


def timm(qkv):
    batch, count, _ = qkv.shape
    return qkv.reshape(batch, count, 3, HEADS, -1).permute(2, 0, 3, 1, 4).unbind(0)


def by_head(qkv):
    return qkv.unflatten(2, (HEADS, -1)).transpose(1, 2).chunk(3, -1)


def chunked(qkv):
    return [each.unflatten(2, (HEADS, -1)).transpose(1, 2) for each in qkv.chunk(3, 2)]


def apart(*parts):
    return [each.unflatten(2, (HEADS, -1)).transpose(1, 2) for each in parts]


def first_apart(q, kv):
    k, v = kv.unflatten(2, (2, HEADS, -1)).permute(2, 0, 3, 1, 4)
    return q.unflatten(2, (HEADS, -1)).transpose(1, 2), k, v


def scaled_first(q, k, v):
    return ((q * (DIM // HEADS) ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v


def scaled_after(q, k, v):
    return (torch.matmul(q, k.mT) / (DIM // HEADS) ** 0.5).softmax(-1).matmul(v)


def folded(q, k, v):
    q, k, v = (each.flatten(0, 1) for each in (q, k, v))
    return (torch.bmm(q * (DIM // HEADS) ** -0.5, k.mT).softmax(-1) @ v).unflatten(0, (-1, HEADS))


def reversed_order(q, k, v):
    return (v.mT @ (q @ k.mT * (DIM // HEADS) ** -0.5).softmax(-1).mT).mT


class Module(nn.Module):
    """PyTorch's module, the batch in front or not."""

    def __init__(self, batch_first, weights):
        super().__init__()
        self.weights, self.batch_first = weights, batch_first
        self.inner = nn.MultiheadAttention(DIM, HEADS, batch_first=batch_first)

    def forward(self, x):
        x = x if self.batch_first else x.transpose(0, 1)
        x = self.inner(x, x, x, need_weights=self.weights)[0]
        return x if self.batch_first else x.transpose(0, 1)


CASES = {
    "timm": (Written(timm, F.scaled_dot_product_attention), PLAIN, 1),
    "head by head": (Written(by_head, F.scaled_dot_product_attention), PLAIN[:-1] + ", 'packing': 'heads'}", 1),
    "chunks": (Written(chunked, scaled_first), PLAIN, 1),
    "three": (Written(apart, scaled_after, (DIM,) * 3), PLAIN, 3),
    "two": (Written(first_apart, folded, (DIM, 2 * DIM)), PLAIN, 2),
    "transposed": (Written(timm, reversed_order), PLAIN, 1),
    "causal": (
        Written(timm, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)),
        PLAIN[:-1] + ", 'is_causal': True}",
        1,
    ),
    "nn.MultiheadAttention": (Module(True, False), PLAIN, 1),
    "its weights too": (Module(True, True), PLAIN, 1),
    "batch second": (Module(False, False), PLAIN, 1),
    "nn.TransformerEncoderLayer": (nn.TransformerEncoderLayer(DIM, HEADS, 48, batch_first=True), PLAIN, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_attention_is_recognised(name):
    attend, expected, read = CASES[name]
    module = Tokens(attend).eval()
    _, layers = layers_of(module, {"input": (3, 12, 8)})
    kinds = [layer.kind for layer in layers]
    assert not {"unknown", "matmul", "softmax", "permute", "reshape"} & set(kinds), kinds
    (found,) = [layer for layer in layers if layer.kind == "attention"]
    assert f"attention {dict(found.arguments)}" == expected
    assert len(found.inputs) == read
    spec = cnncalc.from_torch(module, (3, 12, 8)) if hasattr(cnncalc, "from_torch") else None
    if spec is not None:
        compare(spec, module)


def compare(spec, module):
    """Parameters, and MACs as PyTorch counts them, of the spec and of the module."""
    report = spec.analyze()
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        module.to("meta")(torch.empty(1, 3, 12, 8))
    assert report.params == sum(map(torch.Tensor.numel, module.parameters()))
    assert 2 * report.macs == counter.get_total_flops()


FIELDS = [
    "4",
    "{num_heads: 4, relative_bias: offset}",
    "{num_heads: 4, window: 3, shift: 1, relative_bias: offset}",
    "{num_heads: 2, grid: [2, 3], qk_norm: layernorm}",
    "{num_heads: 2, dilation: 2, scale: learnt, qk_norm: l2, dropout: 0.1}",
]


@pytest.mark.parametrize("fields", FIELDS)
def test_what_we_build_comes_back(fields):
    text = f"input: 4x6x6\nlayers: [{{conv: {{out_channels: 24, kernel_size: 1}}}}, {{attention: {fields}}}]"
    graph = cnncalc.parse(text).graph()
    _, layers = layers_of(build(graph).eval(), {"input": (4, 6, 6)})
    (found,) = [layer for layer in layers if layer.kind == "attention"]
    made = type(graph.nodes[1].layer).make(found.arguments, 2)
    assert made == graph.nodes[1].layer
