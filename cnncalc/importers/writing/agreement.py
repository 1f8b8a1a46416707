"""Compares a spec with the network that was traced: for each layer its inputs, output shape and weights."""

from __future__ import annotations

from cnncalc.graph import Graph, Node
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.layers.further import FurtherOutput


def disagreement(traced: Traced, graph: Graph) -> str | None:
    """The first difference between a traced network and its flat spec's graph, as a sentence; None if there is none."""
    nodes = sorted(traced.nodes, key=lambda node: node.training)
    in_spec = [node for node in graph.nodes if not isinstance(node.layer, FurtherOutput)]
    if len(nodes) != len(in_spec):
        return f"{len(nodes)} layers were traced, but the spec has {len(in_spec)}"
    names = dict(zip(traced.inputs, graph.inputs, strict=True))
    for layer, node in zip(nodes, in_spec, strict=True):
        difference = _difference(layer, node, names)
        if difference:
            return f"{layer.name} ({layer.kind}): {difference}"
        names[layer.name] = node.name
        names.update({f"{layer.name}.{output}": f"{node.name}.{output}" for output in layer.further})
    return None


def _difference(layer: TracedNode, node: Node, names: dict[str, str]) -> str | None:
    sources = [names.get(name, name) for name in layer.inputs]
    if layer.kind != node.kind:
        return f"the spec has {node.kind} in its place"
    further = node.layer.further(node.shapes, node.output)
    for theirs, ours in ((layer.output, node.output), *((each, further[name]) for name, each in layer.further.items())):
        if tuple(theirs) != ours:
            return f"{_shape_text(theirs)} leaves it, and {_shape_text(ours)} by our rules"
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
