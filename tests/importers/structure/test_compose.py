"""Patterns as items: what a spec says of parts that differ."""

from __future__ import annotations

from itertools import pairwise

import pytest

import cnncalc
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text

torch = pytest.importorskip("torch")
nn = torch.nn


class Unit(nn.Module):
    """A map beside its convolution; the map is normalized first in some units."""

    def __init__(self, channels: int, normalized: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels) if normalized else None

    def forward(self, x):
        beside = x if self.norm is None else self.norm(x)
        return torch.relu(torch.cat([beside, self.conv(x)], 1))


def test_a_path_that_some_parts_lack_is_the_identity_there():
    units = [Unit(4 * 2**i, normalized=i in (0, 1, 4)) for i in range(5)]
    spec = cnncalc.from_torch(nn.Sequential(*units), (4, 8, 8))
    assert "- when: with_batchnorm\n" in spec.text
    assert "- when: not with_batchnorm\n            layers: []\n" in spec.text
    report = cnncalc.parse(spec.text).analyze()
    assert report.params == sum(parameter.numel() for unit in units for parameter in unit.parameters())
    assert [layer.kind for layer in report.layers].count("batchnorm") == 3
    assert report.outputs == {"output": (128, 8, 8)}


def test_what_lies_in_the_last_fork_of_a_named_sequence_is_referred_to_by_a_name():
    """The fork has the name of the sequence, what lies in its paths has names of its own."""
    shape = (4, 8, 8)
    names = ["x", *(f"s{number}" for number in range(6))]
    wiring = [(name, "tanh", (reads,)) for reads, name in pairwise(names)]
    wiring += [("level.a", "conv", ("s5",)), ("level.b", "conv", ("level.a",)), ("level.c", "relu", ("level.b",))]
    wiring += [("level.d", "tanh", ("s5",)), ("level.sum", "subtract", ("level.c", "level.d"))]
    wiring += [("last", "relu", ("level.sum",))]
    conv = {"out_channels": 4, "kernel_size": 3, "padding": 1}
    nodes = [TracedNode(name, kind, conv if kind == "conv" else {}, reads, shape) for name, kind, reads in wiring]
    nodes = [node._replace(shares="level.a") if node.name == "level.b" else node for node in nodes]
    network = Traced("net", {"x": shape}, tuple(nodes), {"output": "last"})
    said: list[str] = []
    text = spec_text(network, False, said.append)
    assert not said
    assert "name: level\n" in text
    graph = cnncalc.parse(text).graph()
    assert [node.shares is None for node in graph.nodes if node.kind == "conv"] == [True, False]
