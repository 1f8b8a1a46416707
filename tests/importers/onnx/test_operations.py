"""Attention and what is around it, exported by PyTorch: read as the import from PyTorch itself reads it."""

import io
import logging
import warnings
from collections import Counter

import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from cnncalc.importers.onnx.trace import trace  # noqa: E402
from cnncalc.importers.pytorch import from_module  # noqa: E402
from cnncalc.importers.writing.spec_text import spec_text  # noqa: E402
from cnncalc.spec import parse  # noqa: E402

LAID_OUT = {"flatten", "reshape", "permute", "slice", "identity", "roll", "concat", "dropout"}


def exported(network, *shape, dynamic=True, opset=17):
    """The model that PyTorch's older exporter writes, with a batch of any size or of one image."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        axes = {"x": {0: "batch"}} if dynamic else None
        image = torch.rand(1, *shape)
        options = {"dynamo": False, "input_names": ["x"], "dynamic_axes": axes, "opset_version": opset}
        torch.onnx.export(network.eval(), (image,), buffer, **options)
        logging.disable(logging.NOTSET)
    return onnx.load_model_from_string(buffer.getvalue())


def layers(traced):
    """What computes: the kind, its fields where they say how it attends, and its MACs; and the whole."""
    report = parse(spec_text(traced)).analyze()
    found = Counter((each.kind, each.params, each.macs) for each in report.layers if each.kind not in LAID_OUT)
    return found, report.params, report.macs, list(report.outputs.values())


class Packed(nn.Module):
    """Queries, keys and values from one matrix, as timm writes them."""

    def __init__(self, width=24, heads=4, spelt=False):
        super().__init__()
        self.heads, self.spelt = heads, spelt
        self.norm, self.qkv, self.proj = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        qkv = self.qkv(self.norm(x)).reshape(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if self.spelt:
            y = ((q * (width // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        else:
            y = functional.scaled_dot_product_attention(q, k, v)
        return x + self.proj(y.transpose(1, 2).reshape(n, length, width))


class Module(nn.Module):
    """nn.MultiheadAttention, the batch in front or behind."""

    def __init__(self, batch_first):
        super().__init__()
        self.first, self.attention = batch_first, nn.MultiheadAttention(24, 4, batch_first=batch_first)

    def forward(self, x):
        x = x if self.first else x.transpose(0, 1)
        y, _ = self.attention(x, x, x, need_weights=False)
        return y if self.first else y.transpose(0, 1)


class Windows(nn.Module):
    """Shifted windows of 4 × 4 positions, with a mask."""

    def __init__(self, shift):
        super().__init__()
        self.shift, self.qkv, self.proj = shift, nn.Linear(8, 24), nn.Linear(8, 8)
        self.register_buffer("mask", torch.rand(4, 16, 16), persistent=False)

    def forward(self, x):
        n = x.shape[0]
        x = x.permute(0, 2, 3, 1)
        y = torch.roll(x, (-self.shift, -self.shift), (1, 2)) if self.shift else x
        y = y.view(n, 2, 4, 2, 4, 8).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, 8)
        q, k, v = self.qkv(y).reshape(-1, 16, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q * 0.5) @ k.transpose(-2, -1)
        if self.shift:
            scores = scores.view(n, 4, 2, 16, 16) + self.mask.unsqueeze(1).unsqueeze(0)
            scores = scores.view(-1, 2, 16, 16)
        y = self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, 16, 8))
        y = y.view(-1, 2, 2, 4, 4, 8).permute(0, 1, 3, 2, 4, 5).reshape(-1, 8, 8, 8)
        y = torch.roll(y, (self.shift, self.shift), (1, 2)) if self.shift else y
        return (x + y).permute(0, 3, 1, 2)


class Tokens(nn.Module):
    """A class token in front of patches, and a table of positions."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 24, 4, 4)
        self.token, self.positions = nn.Parameter(torch.rand(1, 1, 24)), nn.Parameter(torch.rand(1, 17, 24))
        self.block, self.head = Packed(), nn.Linear(24, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.block(x)[:, 0])


class Gated(nn.Module):
    """SwiGLU, and an RMS norm written out."""

    def __init__(self):
        super().__init__()
        self.weight, self.up, self.down = nn.Parameter(torch.rand(24)), nn.Linear(24, 64), nn.Linear(32, 24)

    def forward(self, x):
        y = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight
        gate, value = self.up(y).chunk(2, -1)
        return x + self.down(functional.silu(gate) * value)


CASES = {
    "packed": (Packed(), (10, 24), 1),
    "packed, spelt out": (Packed(spelt=True), (10, 24), 1),
    "module": (Module(True), (10, 24), 1),
    "module, batch second": (Module(False), (10, 24), 1),
    "class token": (Tokens(), (3, 16, 16), 1),
}


@pytest.mark.parametrize("dynamic", [True, False], ids=["any batch", "one image"])
@pytest.mark.parametrize("name", CASES)
def test_it_is_read_as_from_pytorch(name, dynamic):
    network, shape, count = CASES[name]
    found = trace(exported(network, *shape, dynamic=dynamic))
    assert not found.warnings
    assert sum(node.kind == "attention" for node in found.nodes) == count
    assert layers(found) == layers(from_module(network.eval(), shape, None))


@pytest.mark.parametrize("dynamic", [True, False], ids=["any batch", "one image"])
@pytest.mark.parametrize("shift", [0, 2])
def test_windows_are_fields(shift, dynamic):
    found = trace(exported(Windows(shift), 8, 8, 8, dynamic=dynamic))
    (attention,) = [node for node in found.nodes if node.kind == "attention"]
    assert attention.arguments == {"num_heads": 2, "window": [4, 4], **({"shift": [2, 2]} if shift else {})}
    assert not {"roll", "unknown"} & {node.kind for node in found.nodes}
    counted, *whole = layers(found)
    assert counted == {
        ("linear", 216, 64 * 192): 1,
        ("attention", 0, 4 * 2 * 16 * 16 * 8): 1,
        ("linear", 72, 64 * 64): 1,
        ("add", 0, 0): 1,
    }
    assert whole == [288, 64 * 256 + 4 * 2 * 16 * 16 * 8, [(8, 8, 8)]]


def test_a_gate_and_a_norm_that_is_written_out():
    network = Gated()
    found = trace(exported(network, 10, 24))
    report = parse(spec_text(found)).analyze()
    assert {"rmsnorm", "silu", "multiply"} <= {node.kind for node in found.nodes}
    assert not found.warnings
    assert report.params == sum(each.numel() for each in network.parameters())


def test_an_embedding():
    network = nn.Sequential(nn.Embedding(100, 16), nn.Linear(16, 4))
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(1, 7, dtype=torch.long),), buffer, dynamo=False, opset_version=17)
    found = trace(onnx.load_model_from_string(buffer.getvalue()))
    assert [(node.kind, node.output) for node in found.nodes][:2] == [("embedding", (16, 7)), ("linear", (4, 7))]
