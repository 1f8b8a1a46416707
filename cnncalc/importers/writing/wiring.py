"""Whether two graphs compute the same, whatever their layers are called and in whatever order paths are written."""

from __future__ import annotations

from collections import Counter

from cnncalc.graph import Graph, Node
from cnncalc.layers.fields import Reference

_NONE: tuple[object, tuple[int, ...]] = (None, ())


def same_network(one: Graph, other: Graph) -> bool:
    """Whether both have the same layers on the same inputs, as often, and the same outputs.

    A layer is known by its fields and by what it reads, and so on to the inputs: two graphs without a difference there
    have equal shapes, weights and costs, layer by layer. A concatenation is known by all that it joins in the end.
    """
    known: dict[object, int] = {}
    return _known(one, known) == _known(other, known)


def _known(graph: Graph, known: dict[object, int]) -> tuple[Counter[int], list[int]]:
    """How often every layer is there, by a number that equal layers share in all graphs; those of the outputs."""
    numbers: dict[str, int] = {}
    for place, (name, shape) in enumerate(graph.inputs.items()):
        numbers[name] = known.setdefault(("input", place, shape), len(known))
    layers: Counter[int] = Counter()
    joined: dict[int, tuple[object, tuple[int, ...]]] = {}  # of a concatenation: along what, and what all in the end
    for node in graph.nodes:
        fields, reads = _fields(node), _reads(node, numbers)
        if node.kind == "concat":
            reads = tuple(
                end for read in reads for end in (joined[read][1] if joined.get(read, _NONE)[0] == fields else (read,))
            )
        shares = None if node.shares is None else numbers[node.shares]
        frozen = node.frozen and bool(node.weights)
        number = known.setdefault((node.kind, fields, reads, shares, frozen, node.training), len(known))
        if node.kind == "concat":
            joined[number] = fields, reads
        numbers[node.name] = number
        layers[number] += 1
    return layers, [numbers[tensor] for tensor in graph.outputs.values()]


def _reads(node: Node, numbers: dict[str, int]) -> tuple[int, ...]:
    reads = [numbers[name] for name in node.inputs]
    return tuple(sorted(reads) if node.layer.commutes else reads)


def _fields(node: Node) -> tuple[object, ...]:
    fields = node.layer.accepted().items()
    return tuple(getattr(node.layer, name) for name, accepts in fields if not isinstance(accepts, Reference))
