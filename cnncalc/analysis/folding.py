"""Folding of batch normalization: inference engines make it part of the weights of the layer before it."""

from __future__ import annotations

from collections import Counter

from cnncalc.graph import Graph


def folded_batchnorms(graph: Graph) -> frozenset[str]:
    """The batch normalizations that fold into the convolution or linear layer whose only reader they are.

    They need running statistics, and a layer before them whose weights nobody shares.
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
