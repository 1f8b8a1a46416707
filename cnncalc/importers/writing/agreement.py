"""Compares a spec with the network that was traced: for each layer its inputs, output shape and weights."""

from __future__ import annotations

from cnncalc.graph import Graph, Node
from cnncalc.importers.traced import Traced, TracedNode


def disagreement(traced: Traced, graph: Graph) -> str | None:
    """The first difference between a traced network and its flat spec's graph, as a sentence; None if there is none."""
    nodes = sorted(traced.nodes, key=lambda node: node.training)
    if len(nodes) != len(graph.nodes):
        return f"{len(nodes)} layers were traced, but the spec has {len(graph.nodes)}"
    names = dict(zip(traced.inputs, graph.inputs, strict=True))
    for layer, node in zip(nodes, graph.nodes, strict=True):
        difference = _difference(layer, node, names)
        if difference:
            return f"{layer.name} ({layer.kind}): {difference}"
        names[layer.name] = node.name
    return None


def _difference(layer: TracedNode, node: Node, names: dict[str, str]) -> str | None:
    sources = [names.get(name, name) for name in layer.inputs]
    if layer.kind != node.kind:
        return f"the spec has {node.kind} in its place"
    if tuple(layer.output) != node.output:
        return f"{_shape_text(layer.output)} leaves it, and {_shape_text(node.output)} by our rules"
    if sources != list(node.inputs) and not (node.layer.commutes and sorted(sources) == sorted(node.inputs)):
        return f"it reads {', '.join(sources)}, and {', '.join(node.inputs)} in the spec"
    shapes = sorted(tuple(shape) for shape in layer.weights.values())
    if layer.weights and shapes != sorted(tuple(shape) for shape in node.weights.values()):
        return f"its weights are {', '.join(map(_shape_text, shapes))}, and {_weights_text(node)} by our rules"
    return None


def _shape_text(shape: tuple[object, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _weights_text(node: Node) -> str:
    return ", ".join(_shape_text(shape) for shape in node.weights.values()) or "none"
