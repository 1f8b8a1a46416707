"""Who reads whose output in a network, and which layers touch every number by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from cnncalc.graph import Graph, Node


def has_weight(node: Node) -> bool:
    """Whether a layer weighs what it reads: a convolution, a linear layer, and what is like them."""
    return "weight" in node.weights and bool(node.inputs) and not node.layer.elementwise


class Wiring:
    """The edges of a graph in both directions."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outputs = frozenset(graph.outputs.values())

    @cached_property
    def producers(self) -> dict[str, Node]:
        """The node behind every tensor; the inputs of the network have none."""
        return {node.name: node for node in self.graph.nodes}

    @cached_property
    def consumers(self) -> dict[str, list[Node]]:
        """The nodes that read a tensor; one that nobody reads is not a key."""
        found: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def owners(self) -> dict[str, list[Node]]:
        """The nodes that use the weights of a node, itself first; only those that are shared are keys."""
        found: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            if node.shares:
                found.setdefault(node.shares, [self.producers[node.shares]]).append(node)
        return found

    def users(self, node: Node) -> list[Node]:
        """All nodes that use the weights which this one uses."""
        return self.owners.get(node.shares or node.name, [node])

    def sole_reader(self, tensor: str) -> Node | None:
        """The only node that reads a tensor, where there is just one and the tensor is no output."""
        readers = self.consumers.get(tensor, [])
        alone = len(readers) == 1 and tensor not in self.outputs and readers[0].inputs.count(tensor) == 1
        return readers[0] if alone else None

    def sole_producer(self, node: Node) -> Node | None:
        """The node that a layer with one input reads; None where that is an input of the network."""
        return self.producers.get(node.inputs[0]) if len(node.inputs) == 1 else None

    def chain_back(self, node: Node) -> Iterator[Node]:
        """The layers behind this one, nearest first, while each reads one tensor."""
        behind = self.sole_producer(node)
        while behind is not None:
            yield behind
            behind = self.sole_producer(behind)

    def feeds_weights(self, node: Node) -> bool:
        """Whether a layer with weights reads this one in the end."""
        waiting, seen = [node.name], {node.name}
        while waiting:
            for reader in self.consumers.get(waiting.pop(), ()):
                if has_weight(reader):
                    return True
                if reader.name not in seen:
                    seen.add(reader.name)
                    waiting.append(reader.name)
        return False

    def pixel_source(self, tensor: str) -> str:
        """The tensor that this one has its pixels of: back through layers that treat every number by itself."""
        node = self.producers.get(tensor)
        while node is not None and node.layer.elementwise:
            tensor = node.inputs[0]
            node = self.producers.get(tensor)
        return tensor
