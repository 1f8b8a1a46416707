"""Edits of a graph as an author makes them, with the names renumbered as elaboration would number them."""

from __future__ import annotations

import re
from collections import Counter

from cnncalc.analysis.report import Report
from cnncalc.elaborate.replay import replay
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.records import replace

IDLE = ("tanh", "identity", "dropout", "batchnorm", "sigmoid")  # keep the shape of whatever they read


def report(graph: Graph) -> Report:
    return Report(replay(graph))


def inserted(graph: Graph, place: int, kind: str, name: str, every_reader: bool = True) -> Graph:
    """A new layer behind a node; all of its readers, or only the first, now read the new one."""
    node = graph.nodes[place]
    layer = LAYERS[kind].make({}, len(node.output) - 1)
    new = Node(name, layer, (node.name,), (node.output,), node.output, {}, {}, training=node.training)
    later, done = [], False
    for each in graph.nodes[place + 1 :]:
        if node.name in each.inputs and (every_reader or not done):
            each = each._replace(inputs=tuple(name if source == node.name else source for source in each.inputs))
            done = True
        later.append(each)
    outputs = {key: name if source == node.name and every_reader else source for key, source in graph.outputs.items()}
    return replace(graph, nodes=(*graph.nodes[: place + 1], new, *later), outputs=outputs)


def deleted(graph: Graph, place: int) -> Graph:
    """Without a layer that keeps its input's shape."""
    node = graph.nodes[place]
    (source,) = node.inputs
    nodes = [
        each._replace(inputs=tuple(source if name == node.name else name for name in each.inputs))
        for each in graph.nodes
        if each is not node
    ]
    outputs = {key: source if name == node.name else name for key, name in graph.outputs.items()}
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def renamed(graph: Graph, names: dict[str, str]) -> Graph:
    nodes = [
        node._replace(name=names.get(node.name, node.name), inputs=tuple(names.get(name, name) for name in node.inputs))
        for node in graph.nodes
    ]
    outputs = {key: names.get(name, name) for key, name in graph.outputs.items()}
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def with_layer(graph: Graph, place: int, **values: object) -> Graph:
    """With other arguments of one layer."""
    node = graph.nodes[place]
    layer = type(node.layer)(**{**node.layer.__dict__, **values})
    return replace(graph, nodes=tuple(each._replace(layer=layer) if each is node else each for each in graph.nodes))


def renumbered(graph: Graph) -> Graph:
    """Names that are a kind and its ordinal, counted anew in every block."""
    counts: Counter[tuple[str, str]] = Counter()
    names = {}
    for node in graph.nodes:
        block, dot, leaf = node.name.rpartition(".")
        if leaf == "new" or re.fullmatch(re.escape(node.kind) + r"\d+", leaf):
            counts[block, node.kind] += 1
            names[node.name] = f"{block}{dot}{node.kind}{counts[block, node.kind]}"
    return renamed(graph, names)
