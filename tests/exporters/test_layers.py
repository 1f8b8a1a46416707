"""Every kind of layer on its own, in random configurations, as a module in a chain and as a function in a class."""

import warnings

import pytest

from cnncalc.errors import LayerError
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.pytorch.recipes import RECIPES

from ..examples import examples
from ..layers.configurations import CONFIGURATIONS, Draw
from ..layers.test_pytorch import SLOW_ON_META, require, rounds_differently
from .agreement import check_numbers, check_shapes, check_weights, to_source

COUNT = examples(50)


def node_of(config, name):
    layer = LAYERS[config.kind].make(config.arguments, config.rank)
    inputs = tuple(f"x{number}" for number in range(len(config.shapes)))
    output = layer.output(config.shapes, require)
    weights, buffers = (given(config.shapes, output) for given in (layer.weights, layer.buffers))
    return Node(name, layer, inputs, tuple(config.shapes), output, weights, buffers)


@pytest.mark.parametrize(("name", "count"), [("layer", COUNT), ("level.layer", COUNT // 5)])
@pytest.mark.parametrize("kind", sorted(RECIPES.keys() - {"unknown"}))  # whose placeholder is not run
def test_agrees(kind, name, count):
    """Alone, and in a class of its own: fewer there, where nothing but the names is different."""
    seen = 0
    for index in range(count):
        config = CONFIGURATIONS[kind](Draw(f"{kind} {index}"))
        try:
            node = node_of(config, name)
        except LayerError:
            continue
        if rounds_differently(config):
            continue
        inputs = dict(zip(node.inputs, node.shapes, strict=True))
        graph = Graph("one", None, inputs, (node,), {"output": name}, {})
        source = to_source(graph)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (check_weights if kind in SLOW_ON_META else check_shapes)(graph, source)  # numbers have shapes too
            check_numbers(graph, source)
        seen += 1
    assert seen > count // 20
