"""Follows the edges of a graph in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from cnncalc.graph import Graph, Node


def has_weight(node: Node) -> bool:
    """Whether a layer multiplies its input by weights, as convolutions and linear layers do."""
    return "weight" in node.weights and bool(node.inputs) and not node.layer.elementwise


class Wiring:
    """The edges of a graph in both directions."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outputs = frozenset(graph.outputs.values())

    @cached_property
    def producers(self) -> dict[str, Node]:
        """Tensor → the node that produces it; network inputs have none."""
        return {node.name: node for node in self.graph.nodes}

    @cached_property
    def consumers(self) -> dict[str, list[Node]]:
        """Tensor → the nodes that read it; tensors without readers are not keys."""
        readers: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            for name in dict.fromkeys(node.inputs):
                readers.setdefault(name, []).append(node)
        return readers

    @cached_property
    def owners(self) -> dict[str, list[Node]]:
        """Node → the nodes that use its weights, itself first; only shared weights are keys."""
        users: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            if node.shares:
                users.setdefault(node.shares, [self.producers[node.shares]]).append(node)
        return users

    def users(self, node: Node) -> list[Node]:
        """All nodes that use the same weights as this one."""
        return self.owners.get(node.shares or node.name, [node])

    def sole_reader(self, tensor: str) -> Node | None:
        """The only reader of a tensor; None if there are others, or the tensor is an output of the network."""
        readers = self.consumers.get(tensor, [])
        alone = len(readers) == 1 and tensor not in self.outputs and readers[0].inputs.count(tensor) == 1
        return readers[0] if alone else None

    def sole_producer(self, node: Node) -> Node | None:
        """The node that produces the only input of a layer; None for a network input or several inputs."""
        return self.producers.get(node.inputs[0]) if len(node.inputs) == 1 else None

    def chain_back(self, node: Node) -> Iterator[Node]:
        """Yield the layers before this one, nearest first, as long as each has one input."""
        producer = self.sole_producer(node)
        while producer is not None:
            yield producer
            producer = self.sole_producer(producer)

    def feeds_weights(self, node: Node) -> bool:
        """Whether a layer with weights depends on this one."""
        return node.name in self._weighed

    @cached_property
    def _weighed(self) -> set[str]:
        """The tensors on which a layer with weights depends."""
        weighed: set[str] = set()
        for node in reversed(self.graph.nodes):  # readers come first
            if has_weight(node) or node.name in weighed:
                weighed.update(node.inputs)
        return weighed

    def pixel_source(self, tensor: str) -> str:
        """The tensor from which this one has its pixels, traced back through elementwise layers."""
        return self._pixel_sources.get(tensor, tensor)

    @cached_property
    def _pixel_sources(self) -> dict[str, str]:
        sources: dict[str, str] = {}
        for node in self.graph.nodes:
            if node.layer.elementwise:
                sources[node.name] = sources.get(node.inputs[0], node.inputs[0])
        return sources
