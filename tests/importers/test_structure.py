"""Traced networks with their structure: the same network as the plain list, as a person would have written it."""

import random
import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.errors import Source, SpecError
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.importers.writing.wiring import same_network
from cnncalc.writer import format_text

from ..analysis.random_networks import random_graph
from ..examples import examples
from ..pytorch.random_specs import Sketch
from .from_graph import by_classes, traced

NETWORKS = [
    name if not (variants := cnncalc.load(name).variants) else f"{name}@{variants[-1]}" for name in shipped.names()
]


# Written unit by unit: every unit of WaveNet leaves two tensors; RetinaNet's subnets share their weights; DETR's
# attentions read by name what a spec joins with `merge: {attention: …}`.
LONG = {"wavenet", "retinanet", "detr"}


def structured(network) -> str:
    """The spec with its structure; a fall back to the plain list is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = spec_text(network, flat=False)
    assert format_text(Source("net", text)) == text
    return text


def layers(graph):
    """Layer by layer what the analysis is made of, in any order."""
    return sorted((node.kind, str(node.output), sorted(map(str, node.weights.values()))) for node in graph.nodes)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("known", [by_classes, traced], ids=["classes", "names"])
def test_a_shipped_network_comes_back(name, known):
    graph = cnncalc.load(name).graph()
    text = structured(known(graph))
    assert layers(cnncalc.parse(text).graph()) == layers(graph)
    network = name.partition("@")[0]
    original = re.search(r"(?s)\ninput:.*?(?=\nexpect:|\Z)", Path(shipped.path_of(network)).read_text("utf-8"))[0]
    assert text.count("\n") <= 3 * original.count("\n") or network in LONG


@pytest.mark.parametrize("seed", range(examples(60)))
def test_a_random_network_comes_back(seed):
    structured(traced(random_graph(seed)))


# Of the seeds above 59: references inside a fork that is the last item of a named sequence.
@pytest.mark.parametrize("seed", sorted({*range(examples(60)), 62, 467, 537}))
def test_a_random_spec_comes_back(seed):
    structured(traced(random_spec(seed)))


def random_spec(seed):
    """The graph of a valid random spec."""
    for attempt in range(50):
        try:
            return cnncalc.parse(Sketch(f"structure {seed} {attempt}").text()).graph()
        except SpecError:  # noqa: PERF203 - the next draw
            continue
    raise AssertionError


# --- as a person would have written it -------------------------------------------------------------------------------

RESNET50 = """\
name: ResNet
input: 3x224x224
blocks:
  bottleneck(channels, stride=1):
    - residual:
        body:
          - conv: {out_channels: channels, kernel_size: 1, bias: false}
          - batchnorm
          - relu
          - conv: {out_channels: channels, kernel_size: 3, stride: stride, padding: 1, bias: false}
          - batchnorm
          - relu
          - conv: {out_channels: 4 * channels, kernel_size: 1, bias: false}
          - batchnorm
        shortcut:
          - sequence:
              - conv: {out_channels: 4 * channels, kernel_size: 1, stride: stride, bias: false}
              - batchnorm
            when: stride != 1 or in_channels != 4 * channels
    - relu

layers:
  - conv: {out_channels: 64, kernel_size: 7, stride: 2, padding: 3, bias: false}
  - batchnorm
  - relu
  - maxpool: {kernel_size: 3, stride: 2, padding: 1}
  - bottleneck: 64
    repeat: 3
    name: layer1
  - sequence:
      - bottleneck: {channels: 128, stride: 2}
      - bottleneck: 128
        repeat: 3
    name: layer2
  - sequence:
      - bottleneck: {channels: 256, stride: 2}
      - bottleneck: 256
        repeat: 5
    name: layer3
  - sequence:
      - bottleneck: {channels: 512, stride: 2}
      - bottleneck: 512
        repeat: 2
    name: layer4
  - global_avgpool
  - flatten
  - linear: 1000
"""


def test_resnet50_is_written_as_a_person_would():
    assert structured(traced(cnncalc.load("resnet@50").graph())) == RESNET50


def test_the_names_of_levels_stay():
    names = {node.name for node in cnncalc.parse(RESNET50).graph().nodes}
    assert {"layer1.0.conv1", "layer1.2.conv3", "layer4.bottleneck1.shortcut.conv1", "conv1", "linear1"} <= names


GATED = """\
name: gated
input: 3x16x16
blocks:
  unit(channels):
    - conv: {out_channels: channels, kernel_size: 3}
    - branches:
        merge: multiply
        paths:
          - []
          - - mean
            - linear: in_channels // 4
            - relu
            - linear: 4 * in_channels
            - sigmoid
            - reshape: [in_channels, 1, 1]

layers:
  - unit: 8
  - unit: 16
  - unit: 32
"""


def test_a_list_with_what_flows_in_is_no_parameter():
    graph = cnncalc.parse(GATED).graph()
    text = structured(by_classes(graph))
    assert "reshape: [in_channels, 1, 1]" in text
    assert "- unit: 8\n  - unit: 16\n  - unit: 32\n" in text


def without_names(network: Traced) -> Traced:
    """The same as a format brings it that has no levels."""
    names = {node.name: f"op{number}" for number, node in enumerate(network.nodes)}
    nodes = tuple(
        node._replace(
            name=names[node.name],
            inputs=tuple(names.get(name, name) for name in node.inputs),
            shares=names.get(node.shares) if node.shares else None,
        )
        for node in network.nodes
    )
    return replace(network, nodes=nodes, outputs={key: names[name] for key, name in network.outputs.items()})


@pytest.mark.parametrize(
    ("name", "lines"), [("resnet@50", 45), ("mobilenet_v2", 56), ("vgg@16", 40), ("densenet@121", 60)]
)
def test_without_names_it_is_as_short(name, lines):
    text = structured(without_names(traced(cnncalc.load(name).graph())))
    assert text.count("\n") <= lines
    assert "blocks:" in text or name == "vgg@16"  # whose stages are shorter than a block and its calls


# --- what else a traced network may have -----------------------------------------------------------------------------


def test_symbolic_sizes():
    graph = cnncalc.load("googlenet").graph(input=(3, "H", "W"))
    again = cnncalc.parse(structured(traced(graph))).graph()
    assert [node.output for node in again.nodes] == [node.output for node in graph.nodes]


def unknown(name, inputs, shape):
    return TracedNode(name, "unknown", {"op": "aten::roll", "shape": list(shape), "params": 0}, inputs, shape)


def test_unknown_layers_several_inputs_and_outputs():
    nodes = (
        TracedNode("stem.a", "conv", {"out_channels": 4, "kernel_size": 1}, ("left",), (4, 8, 8)),
        TracedNode("stem.b", "conv", {"out_channels": 4, "kernel_size": 1}, ("right",), (4, 8, 8)),
        unknown("roll", ("stem.a", "stem.b"), (4, 8, 8)),
        TracedNode("act", "relu", {}, ("roll",), (4, 8, 8)),
        TracedNode("sum", "add", {}, ("act", "roll"), (4, 8, 8)),
    )
    inputs = {"left": (3, 8, 8), "right": (3, 8, 8)}
    text = structured(Traced("net", inputs, nodes, {"sum": "sum", "side": "stem.b"}))
    graph = cnncalc.parse(text).graph()
    assert list(graph.outputs) == ["sum", "side"]
    assert [node.kind for node in graph.nodes] == ["conv", "conv", "unknown", "relu", "add"]


def test_shared_weights_within_and_across_blocks():
    conv = {"out_channels": 4, "kernel_size": 3, "padding": 1}
    shape = (4, 8, 8)
    nodes = (
        TracedNode("a.conv", "conv", conv, ("x",), shape),
        TracedNode("a.relu", "relu", {}, ("a.conv",), shape),
        TracedNode("a.conv2", "conv", conv, ("a.relu",), shape, shares="a.conv"),
        TracedNode("b.conv", "conv", conv, ("a.conv2",), shape),
        TracedNode("b.relu", "relu", {}, ("b.conv",), shape),
        TracedNode("b.conv2", "conv", conv, ("b.relu",), shape, shares="b.conv"),
        TracedNode("c.conv", "conv", conv, ("b.conv2",), shape, shares="a.conv"),
    )
    graph = cnncalc.parse(structured(Traced("net", {"x": shape}, nodes, {"output": "c.conv"}))).graph()
    assert [node.shares is None for node in graph.nodes] == [True, True, False, True, True, False, False]


def test_what_cannot_be_written_with_structure_is_a_plain_list_and_a_sentence():
    def relu(name, reads):
        return TracedNode(name, "relu", {}, (reads,), (4, 8, 8))

    def add(name, *reads):
        return TracedNode(name, "add", {}, reads, (4, 8, 8))

    nodes = (relu("a", "x"), relu("b", "a"), relu("c", "a"), add("d", "b", "c"), add("e", "b", "d"), add("f", "a", "e"))
    network = Traced("net", {"x": (4, 8, 8)}, nodes, {"output": "f"})
    said: list[str] = []
    text = spec_text(network, False, said.append)
    assert (
        text == spec_text(network)
        if said
        else same_network(cnncalc.parse(text).graph(), cnncalc.parse(spec_text(network)).graph())
    )
    assert said in ([], ["net: its structure cannot be written: this is a flat list of its layers"])


def test_a_path_that_reads_what_lies_in_another_by_name_is_no_branch():
    shape = (4, 8, 8)
    wiring = (("c", "tanh", ("x",)), ("a", "relu", ("c",)), ("b", "relu", ("x",)), ("s", "add", ("a", "b")))
    rest = (("d", "sigmoid", ("c",)), ("t", "subtract", ("s", "d")))
    nodes = tuple(TracedNode(name, kind, {}, reads, shape) for name, kind, reads in wiring + rest)
    structured(Traced("net", {"x": shape}, nodes, {"output": "t"}))


PREFIXES = ("", "", "a.", "a.0.", "a.1.", "a.2.", "b.", "b.0.", "b.1.conv.", "b.2.conv.")
CLASSES = ("Block", "Unit", "Sequential", "Mixed_5b", "conv")


def any_network(seed: int) -> Traced:
    """Layers, joins and levels at random, as no person would have put them together."""
    rng = random.Random(seed)
    channels = {"x": 4}
    nodes: list[TracedNode] = []
    for number in range(rng.randint(3, 40)):
        prefix = rng.choice(PREFIXES) if rng.random() < 0.5 else PREFIXES[(number // 4) % len(PREFIXES)]
        name, names = f"{prefix}n{number}", list(channels)
        kind, reads, arguments = rng.choice(("relu", "tanh", "batchnorm")), (rng.choice(names[-2:]),), {}
        if rng.random() < 0.35 and len(names) > 2:
            reads = tuple(rng.sample(names[-7:], 2))
            kind = "concat" if channels[reads[0]] != channels[reads[1]] else rng.choice(("add", "multiply", "concat"))
        elif rng.random() < 0.5:
            kind, arguments = "conv", {"out_channels": rng.choice((4, 4, 8, 16)), "kernel_size": 3, "padding": 1}
        total = sum(map(channels.__getitem__, reads))
        channels[name] = arguments.get("out_channels", total if kind == "concat" else channels[reads[0]])
        nodes.append(TracedNode(name, kind, arguments, reads, (channels[name], 8, 8)))
    modules = {prefix[:-1]: rng.choice(CLASSES) for prefix in PREFIXES if prefix} if rng.random() < 0.5 else {}
    outputs = (
        {"output": nodes[-1].name, "side": rng.choice(nodes).name} if rng.random() < 0.3 else {"o": nodes[-1].name}
    )
    return Traced("net", {"x": (4, 8, 8)}, tuple(nodes), outputs, modules=modules)


def test_any_wiring_is_written_and_hardly_ever_left_plain():
    said: list[str] = []
    for seed in range(examples(120)):
        network = any_network(seed)
        text = spec_text(network, False, said.append)
        assert same_network(cnncalc.parse(text).graph(), cnncalc.parse(spec_text(network)).graph())
    assert len(said) <= examples(3)


def test_two_graphs_that_differ_in_their_wiring_are_told_apart():
    def network(last):
        kinds = (("a", "relu", ("x",)), ("b", "tanh", ("a",)), ("c", "add", ("a", "b")), ("d", "relu", (last,)))
        nodes = tuple(TracedNode(name, kind, {}, reads, (4, 8, 8)) for name, kind, reads in kinds)
        return cnncalc.parse(spec_text(Traced("net", {"x": (4, 8, 8)}, nodes, {"output": "d"}))).graph()

    assert same_network(network("c"), network("c"))
    assert not same_network(network("c"), network("b"))
