"""Finds batch normalizations that inference engines fold into the weights of the previous layer."""

from __future__ import annotations

from collections import Counter

from cnncalc.graph import Graph


def folded_batchnorms(graph: Graph) -> frozenset[str]:
    """The batch normalizations that can be folded into a convolution or linear layer that has no other reader.

    They need running statistics, and the weights of the previous layer must not be shared.
    """
    nodes = {node.name: node for node in graph.nodes}
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    readers.update(graph.outputs.values())
    shared = {node.shares for node in graph.nodes} | {node.name for node in graph.nodes if node.shares}
    return frozenset(
        node.name
        for node in graph.nodes
        if node.layer.folds
        and readers[node.inputs[0]] == 1
        and node.inputs[0] not in shared
        and (before := nodes.get(node.inputs[0])) is not None
        and before.layer.weighs
    )
