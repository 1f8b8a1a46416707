"""Whether two graphs compute the same, whatever their layers are called and in whatever order paths are written."""

from __future__ import annotations

from collections import Counter

from cnncalc.graph import Graph, Node
from cnncalc.importers.items import COMMUTES
from cnncalc.layers.fields import Reference


def same_network(one: Graph, other: Graph) -> bool:
    """Whether both have the same layers on the same inputs, as often, and the same outputs.

    A layer is known by its fields and by what it reads, and so on to the inputs: two graphs without a difference there
    have equal shapes, weights and costs, layer by layer.
    """
    known: dict[object, int] = {}
    return _known(one, known) == _known(other, known)


def _known(graph: Graph, known: dict[object, int]) -> tuple[Counter[int], list[int]]:
    """How often every layer is there, by a number that equal layers share in all graphs; those of the outputs."""
    numbers: dict[str, int] = {}
    for place, (name, shape) in enumerate(graph.inputs.items()):
        numbers[name] = known.setdefault(("input", place, shape), len(known))
    layers: Counter[int] = Counter()
    for node in graph.nodes:
        number = known.setdefault(_key(node, numbers), len(known))
        numbers[node.name] = number
        layers[number] += 1
    return layers, [numbers[tensor] for tensor in graph.outputs.values()]


def _key(node: Node, numbers: dict[str, int]) -> object:
    reads = [numbers[name] for name in node.inputs]
    if node.kind in COMMUTES:
        reads.sort()
    fields = tuple(
        getattr(node.layer, name)
        for name, accepts in node.layer.accepted().items()
        if not isinstance(accepts, Reference)
    )
    shares = None if node.shares is None else numbers[node.shares]
    return node.kind, fields, tuple(reads), shares, node.frozen and bool(node.weights), node.training
