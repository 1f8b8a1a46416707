"""A trial of another layer says what inferring the whole graph again says, in steps that grow with the graph alone."""

import random

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.elaborate.exchange import Exchange
from cnncalc.elaborate.replay import replay
from cnncalc.errors import CnncalcError

from ..examples import examples


def changed(rng, layer):
    """The layer with one window field or its number of channels changed."""
    values = {name: getattr(layer, name) for name in layer.arguments}
    field = rng.choice([name for name in ("kernel_size", "stride", "padding", "out_channels") if name in values])
    value = values[field]
    by = rng.randint(1, 3)
    values[field] = (
        tuple(size + by if isinstance(size, int) else size for size in value) if field != "out_channels" else value + by
    )
    return type(layer)(**values)


def by_replay(graph, name, layer):
    try:
        fixed = replay(graph, layers={name: layer})
    except CnncalcError:
        return None
    return next(node for node in fixed.nodes if node.name == name)


@pytest.mark.parametrize("name", shipped.names())
def test_a_trial_agrees_with_inferring_the_graph_again(name):
    graph = cnncalc.load(name).analyze().graph
    exchange = Exchange(graph)
    rng = random.Random(name)
    sliding = [node for node in graph.nodes if node.kind in ("conv", "maxpool", "avgpool")]
    for node in rng.choices(sliding, k=examples(8)) if sliding else ():
        try:
            layer = changed(rng, node.layer)
        except (CnncalcError, TypeError):
            continue
        assert exchange.try_layer(node.name, layer) == by_replay(graph, node.name, layer)


UNFIT = """
  - conv: {out_channels: 3, kernel_size: 2, stride: 2}
  - upsample: {scale_factor: 2}
  - pad: {padding: [[0, 1], [0, 1]]}"""


@pytest.mark.parametrize("count", [40, 160])
def test_steps_grow_with_the_graph(count):
    graph = cnncalc.parse("input: 3x9x9\nlayers:" + UNFIT * count).analyze().graph
    exchange = Exchange(graph)
    for node in graph.nodes:
        if node.kind == "conv":
            values = {name: getattr(node.layer, name) for name in node.layer.arguments}
            padded = type(node.layer)(**{**values, "padding": ((0, 1), (0, 1))})
            assert exchange.try_layer(node.name, padded) is not None
    assert exchange.steps < 3 * len(graph.nodes)
