"""Tensors that no input enters, in imports: learned ones and constants, merged with what flows or by themselves."""

import torch
from torch import nn

from cnncalc import parse
from cnncalc.importers.pytorch import from_module
from cnncalc.importers.writing.spec_text import spec_text


class Tokens(nn.Module):
    """A class token, positions, a stored table, a computed one, and queries that a layer reads."""

    def __init__(self):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 24))
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, 24))
        self.register_buffer("table", torch.ones(17, 24))
        self.gate = nn.Parameter(torch.ones(17, 1))
        self.query = nn.Embedding(5, 24)
        self.fc = nn.Linear(24, 24)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.size(0), -1, -1), x], 1)
        x = x + self.pos_embed
        x = x + self.table
        x = x * self.gate + torch.arange(17.0)[:, None].sin()
        queries = self.fc(self.query.weight.unsqueeze(0).repeat(x.size(0), 1, 1))
        return torch.cat([x, queries], 1).transpose(1, 2)


def written(network, shape):
    """The spec of a network, and the nodes of its graph by name."""
    text = spec_text(from_module(network, {"x": shape}, "net"))
    graph = parse(text).graph()
    with torch.no_grad():
        assert tuple(network(torch.zeros(2, *shape)).shape[1:]) == next(reversed(graph.nodes)).output
    parameters = sum(p.numel() for p in network.parameters())
    assert parse(text).analyze().params == parameters
    return text, {node.name: node for node in graph.nodes}


def test_tokens_and_tables():
    text, nodes = written(Tokens(), (24, 4, 4))
    kinds = [node.kind for node in nodes.values()]
    assert kinds == [
        *("flatten", "parameter", "parameter", "constant", "parameter", "constant"),
        *("parameter", "linear", "concat"),
    ]
    for line in (
        "- parameter: {shape: [24, 1], merge: concat}",
        "- parameter: {merge: add}",
        "- constant: {merge: add, buffer: true}",
        "- parameter: {shape: [1, 17], merge: multiply}",
        "- constant: {shape: [1, 17], merge: add}",
        "- parameter: [24, 5]",
    ):
        assert line in text
    assert nodes["fc"].inputs != ()


def test_a_learned_factor_per_channel_stays_a_scale():
    class Gain(nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = nn.Parameter(torch.ones(8, 1, 1))

        def forward(self, x):
            return x * self.gain

    text, _ = written(Gain(), (8, 4, 4))
    assert "- scale" in text


def test_what_is_computed_from_a_learned_tensor_is_unknown():
    class Computed(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Parameter(torch.ones(9, 4))

        def forward(self, x):
            return x + self.table[:4].exp()

    text = spec_text(from_module(Computed(), {"x": (4, 4)}, "net"))
    assert "unknown" in text
    assert "params: 36" in text


def test_a_tensor_used_twice_is_one():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.position = nn.Parameter(torch.ones(1, 4, 4))

        def forward(self, x):
            return (x + self.position).relu() + self.position

    _, nodes = written(Twice(), (4, 4))
    kinds = [(node.kind, node.shares) for node in nodes.values()]
    assert [kind for kind, _ in kinds] == ["parameter", "relu", "parameter"]
    assert kinds[2][1] == next(iter(nodes))


def test_a_table_of_vectors():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(100, 24)
            self.places = nn.Embedding(7, 24)

        def forward(self, x):
            return (self.words(x.long()) + self.places(torch.arange(7))).transpose(1, 2)

    text, nodes = written(Words(), (7,))
    assert [node.kind for node in nodes.values()] == ["embedding", "parameter"]
    assert nodes["words"].output == (24, 7)
    assert "- parameter: {merge: add}" in text


class GlobalResponseNorm(nn.Module):
    """As timm has it, channels last."""

    def __init__(self, dim):
        super().__init__()
        self.eps = 1e-6
        self.weight = nn.Parameter(torch.zeros(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        length = x.norm(p=2, dim=(1, 2), keepdim=True)
        part = length / (length.mean(dim=-1, keepdim=True) + self.eps)
        return x + torch.addcmul(self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), x * part)


def test_a_response_norm_keeps_the_channels_last():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = GlobalResponseNorm(8)

        def forward(self, x):
            return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    _, nodes = written(Net(), (8, 4, 5))
    assert [node.kind for node in nodes.values()] == ["grn"]
