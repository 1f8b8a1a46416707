"""Between which numbers every tensor lies, as far as its layers alone tell: what relu, sigmoid and their like bound."""

from __future__ import annotations

from cnncalc.graph import Graph
from cnncalc.layers.ranges import ANY, Range


def ranges(graph: Graph) -> dict[str, Range]:
    """The range of every tensor; the inputs may hold anything."""
    known = dict.fromkeys(graph.inputs, ANY)
    for node in graph.nodes:
        known[node.name] = node.layer.range([known[name] for name in node.inputs[: node.layer.values_of]])
    return known
