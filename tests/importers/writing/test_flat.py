"""The plain list of layers of a traced network: says what was traced, in the canonical style, as a person would."""

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.errors import Source, UsageError
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.writer import format_text

from ...analysis.random_networks import random_graph
from ...examples import examples
from ..from_graph import traced

SHIPPED = [
    f"{name}@{variant}" if variant else name
    for name in shipped.names()
    for variant in (cnncalc.load(name).variants or (None,))
]


def analysis(graph):
    """What a network is, layer by layer, without names; the order of what is added or multiplied is free."""
    return [
        (node.kind, sorted(node.shapes) if node.layer.commutes else node.shapes, node.output, node.weights)
        for node in graph.nodes
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_network_comes_back(name):
    graph = cnncalc.load(name).graph()
    text = spec_text(traced(graph))
    again = cnncalc.parse(text).graph()
    assert format_text(Source(name, text)) == text
    assert analysis(again) == analysis(graph)


@pytest.mark.parametrize("seed", range(examples(60)))
def test_a_random_network_comes_back(seed):
    graph = random_graph(seed)
    again = cnncalc.parse(spec_text(traced(graph))).graph()
    assert analysis(again) == analysis(graph)


def test_symbolic_sizes_come_back():
    graph = cnncalc.load("resnet@18").graph(input=(3, "H", "W"))
    again = cnncalc.parse(spec_text(traced(graph))).graph()
    assert [node.output for node in again.nodes] == [node.output for node in graph.nodes]


def test_it_reads_as_a_person_would_write_it():
    nodes = (
        TracedNode("features.0", "conv", conv(8, 3, padding=1), ("x",), (8, 32, 32)),
        TracedNode("features.1", "batchnorm", {"eps": 1}, ("features.0",), (8, 32, 32)),
        TracedNode("features.relu", "relu", {}, ("features.1",), (8, 32, 32)),
        TracedNode("pool", "maxpool", {"kernel_size": [2, 2], "stride": [2, 2]}, ("features.relu",), (8, 16, 16)),
        TracedNode("skip", "conv", conv(8, 1, stride=2, bias=False), ("features.relu",), (8, 16, 16)),
        TracedNode("add", "add", {}, ("pool", "skip"), (8, 16, 16)),
        TracedNode("cat", "concat", {"dim": 2}, ("add", "pool"), (8, 32, 16)),
    )
    text = spec_text(Traced("net", {"x": (3, 32, 32)}, nodes, {"output": "cat"}))
    assert text == (
        "name: net\n"
        "input: 3x32x32\n"
        "layers:\n"
        "  - conv: {out_channels: 8, kernel_size: 3, padding: 1}\n"
        "    name: features_0\n"
        "  - batchnorm: {eps: 1}\n"
        "    name: features_1\n"
        "  - relu\n"
        "  - maxpool: 2\n"
        "  - conv: {out_channels: 8, kernel_size: 1, stride: 2, bias: false}\n"
        "    from: relu1\n"
        "    name: skip\n"
        "  - add: maxpool1\n"
        "  - concat: {with: maxpool1, dim: 2}\n"
    )


def conv(channels, kernel, stride=1, padding=0, bias=True):
    """A convolution as PyTorch describes it."""
    return {
        "out_channels": channels,
        "kernel_size": [kernel, kernel],
        "stride": [stride, stride],
        "padding": [[padding, padding], [padding, padding]],
        "dilation": [1, 1],
        "groups": 1,
        "bias": bias,
        "padding_mode": "zeros",
    }


def test_what_the_framework_says_is_held_against_our_rules():
    node = TracedNode("c", "conv", conv(8, 3), ("x",), (8, 31, 31))
    with pytest.raises(UsageError, match=r"c .conv.: 8×31×31 leaves it, and 8×30×30 by our rules"):
        spec_text(Traced("net", {"x": (3, 32, 32)}, (node,), {"output": "c"}))
