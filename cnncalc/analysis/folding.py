"""Folding of batch normalization: inference engines make it part of the weights of the layer before it."""

from __future__ import annotations

from collections import Counter

from cnncalc.graph import Graph, Node
from cnncalc.layers.convolution import Conv, LocallyConnected
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm, InstanceNorm
from cnncalc.layers.transposed import ConvTranspose

TAKES_ANOTHER_FACTOR = Conv | ConvTranspose | LocallyConnected | Linear


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
        if _folds(node)
        and readers[node.inputs[0]] == 1
        and node.inputs[0] not in shared
        and (before := nodes.get(node.inputs[0])) is not None
        and isinstance(before.layer, TAKES_ANOTHER_FACTOR)
    )


def _folds(node: Node) -> bool:
    layer = node.layer
    return isinstance(layer, BatchNorm) and not isinstance(layer, InstanceNorm) and layer.track_running_stats
