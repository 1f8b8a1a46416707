"""Traced networks with their structure: the same network as the plain list, as a person would have written it."""

import warnings

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.errors import Source, SpecError
from cnncalc.importers.spec_text import spec_text
from cnncalc.writer import format_text

from ..analysis.random_networks import random_graph
from ..torch_backend.random_specs import Sketch
from .from_graph import by_classes, traced

NETWORKS = [
    name if not (variants := cnncalc.load(name).variants) else f"{name}@{variants[-1]}" for name in shipped.names()
]


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
    again = cnncalc.parse(structured(known(graph))).graph()
    assert layers(again) == layers(graph)


@pytest.mark.parametrize("seed", range(60))
def test_a_random_network_comes_back(seed):
    structured(traced(random_graph(seed)))


@pytest.mark.parametrize("seed", range(60))
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
