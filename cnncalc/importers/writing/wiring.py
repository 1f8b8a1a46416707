"""Compares two graphs by what they compute, regardless of names and of the order of paths."""

from __future__ import annotations

from collections import Counter

from cnncalc.conventions.manners import manners_of
from cnncalc.graph import Graph, Manner, Node
from cnncalc.layers.fields import Reference

_NONE: tuple[object, tuple[int, ...]] = (None, ())


def same_network(one: Graph, other: Graph) -> bool:
    """Whether both have the same layers on the same inputs, equally often, and the same outputs.

    A layer is identified by its fields and its inputs, and so on back to the network's inputs: two graphs that agree in
    that have equal shapes, weights and costs, layer by layer. A concatenation is identified by everything that it
    finally joins.
    """
    known: dict[object, int] = {}
    return _number_layers(one, known) == _number_layers(other, known)


def _number_layers(graph: Graph, known: dict[object, int]) -> tuple[Counter[int], list[int]]:
    """How often each layer occurs, by a number that equal layers share in all graphs; the numbers of the outputs."""
    numbers: dict[str, int] = {}
    manners = manners_of(graph)
    for place, (name, shape) in enumerate(graph.inputs.items()):
        numbers[name] = known.setdefault(("input", place, shape), len(known))
    layers: Counter[int] = Counter()
    joined: dict[
        int, tuple[object, tuple[int, ...]]
    ] = {}  # of a concatenation: its fields, and everything that it finally joins
    for node in graph.nodes:
        fields, reads = _fields(node), _reads(node, numbers)
        if node.kind == "concat":
            reads = tuple(
                end for read in reads for end in (joined[read][1] if joined.get(read, _NONE)[0] == fields else (read,))
            )
        shares = None if node.shares is None else numbers[node.shares]
        frozen = node.frozen and bool(node.weights)
        number = known.setdefault(
            (node.kind, fields, reads, shares, frozen, node.training, _way(manners[node.name])), len(known)
        )
        if node.kind == "concat":
            joined[number] = fields, reads
        numbers[node.name] = number
        layers[number] += 1
    return layers, [numbers[tensor] for tensor in graph.outputs.values()]


def _way(manner: Manner) -> tuple[str, str]:
    """How it is written; a module that is shared, and with which other layers, is not compared."""
    return "module" if manner.way == "shared" else manner.way, manner.derived


def _reads(node: Node, numbers: dict[str, int]) -> tuple[int, ...]:
    reads = [numbers[name] for name in node.inputs]
    return tuple(sorted(reads) if node.layer.commutes else reads)


def _fields(node: Node) -> tuple[object, ...]:
    fields = node.layer.accepted().items()
    return tuple(getattr(node.layer, name) for name, accepts in fields if not isinstance(accepts, Reference))
