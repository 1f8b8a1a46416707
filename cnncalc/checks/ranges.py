"""Computes the range of values of every tensor, as bounded by layers such as relu and sigmoid."""

from __future__ import annotations

from cnncalc.graph import Graph
from cnncalc.layers.ranges import ANY, Range


def ranges(graph: Graph) -> dict[str, Range]:
    """Tensor → range of values; inputs are unbounded."""
    known = dict.fromkeys(graph.inputs, ANY)
    for node in graph.nodes:
        known[node.name] = node.layer.range([known[name] for name in node.inputs[: node.layer.values_of]])
    return known
