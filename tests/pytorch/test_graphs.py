"""Random graphs, written as specs, against the networks built from them: every shape, every parameter."""

import warnings
from collections import Counter

import pytest
import torch

import cnncalc
from cnncalc.errors import SpecError
from cnncalc.layers import LAYERS
from cnncalc.pytorch import build, verify
from cnncalc.pytorch.verification.verify import random_inputs

from ..examples import examples
from .random_specs import SEVERAL, Sketch

COUNT = examples(2000)
PARTS = 20
EXECUTED = 20  # one of so many runs with real tensors


def graphs(part, parts=PARTS):
    """Graphs of valid random specs, with their text."""
    for index in range(part, COUNT, parts):
        attempt = 0
        while True:
            text = Sketch(f"{index} {attempt}").text()
            try:
                yield index, text, cnncalc.parse(text).graph()
            except SpecError:
                attempt += 1
                assert attempt < 50, text
            else:
                break


@pytest.mark.parametrize("part", range(PARTS))
def test_network_is_as_computed(part):
    for index, text, graph in graphs(part):
        execute = index // PARTS % EXECUTED == 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = verify(graph, execute=execute)
            if execute:
                check_outputs(graph)
        assert found.ok, text + "\n".join(found.differences())


def check_outputs(graph):
    """The network's outputs are those of its modules called one by one, with every tensor kept."""
    network = build(graph).eval()
    inputs = random_inputs(graph, "cpu", batch=2)
    tensors = {name: tensor.clone() for name, tensor in zip(graph.inputs, inputs, strict=True)}
    with torch.no_grad():
        result = network(*inputs)
        for node in graph.nodes:
            if not node.training:
                output = network.module(node.name)(*(tensors[name] for name in node.inputs))
                tensors[node.name] = output[0] if isinstance(output, tuple) else output
    outputs = result if isinstance(result, dict) else {next(iter(graph.outputs)): result}
    assert outputs.keys() == graph.outputs.keys()
    for name, tensor in graph.outputs.items():
        torch.testing.assert_close(outputs[name], tensors[tensor], equal_nan=True)


def test_specs_are_varied():
    kinds, features, count = Counter(), Counter(), 0
    for _, _, graph in graphs(0, max(1, COUNT // 300)):
        count += 1
        kinds.update({node.kind for node in graph.nodes})
        shared = any(node.shares for node in graph.nodes)
        frozen = any(node.frozen for node in graph.nodes)
        heads = any(node.training for node in graph.nodes)
        features.update(shared=shared, frozen=frozen, heads=heads)
        features.update(inputs=len(graph.inputs) > 1, outputs=len(graph.outputs) > 1)
        features[f"{len(next(iter(graph.inputs.values()))) - 1}-D"] += 1
    rare = {"rnn", "rbf", "fold", "attention", "pixel_shuffle", "pixel_unshuffle", "capsule", "unknown"}
    undrawn = {kind for kind in LAYERS if LAYERS[kind].inputs[0] > 1} - SEVERAL  # they join what no sketch makes
    assert LAYERS.keys() - kinds.keys() <= rare | undrawn
    assert min(features.values()) > count // 40, features
