"""Shipped and random networks as an importer would bring them, without a framework in between."""

from collections.abc import Mapping
from typing import Any

from cnncalc.graph import Graph, Node
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.layers.further import FurtherOutput

LIKE = "like"


def traced(graph: Graph, modules: Mapping[str, str] = {}) -> Traced:
    """A graph with every argument spelt out, as a framework has them."""
    read = {node.name: node.output for node in graph.nodes if isinstance(node.layer, FurtherOutput)}
    nodes = tuple(_node(node, read) for node in graph.nodes if node.name not in read)
    return Traced(graph.name or "network", dict(graph.inputs), nodes, _outputs(graph), modules=dict(modules))


def by_classes(graph: Graph) -> Traced:
    """A graph whose blocks are classes."""
    return traced(graph, {path: _class(instance.block) for path, instance in graph.instances.items()})


def _class(block: str) -> str:
    return "".join(word.capitalize() for word in block.split("_"))


def _outputs(graph: Graph) -> dict[str, str]:
    return dict(graph.outputs)


def _node(node: Node, read: Mapping[str, Any]) -> TracedNode:
    arguments = {
        name: as_word(value)
        for name, value in ((name, getattr(node.layer, name)) for name in node.layer.arguments)
        if value is not None
    }
    weights: Any = {name: shape for name, shape in node.weights.items() if all(isinstance(n, int) for n in shape)}
    return TracedNode(
        node.name,
        node.kind,
        arguments,
        node.inputs,
        node.output,
        weights if len(weights) == len(node.weights) else {},
        node.shares,
        node.frozen,
        node.training,
        {name.rpartition(".")[2]: shape for name, shape in read.items() if name.rpartition(".")[0] == node.name},
    )


def as_word(value: object) -> object:
    """A field's value as a spec would write it out."""
    return [as_word(entry) for entry in value] if isinstance(value, tuple) else value
