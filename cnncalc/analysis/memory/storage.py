"""Finds which tensors share memory: views and in-place operations allocate none (docs/formulas.md).

A layer declares whether it reuses the memory of its input. `flatten` and `reshape` also depend on the memory order of
their input: in the order of its axes; with gaps, as a part of another tensor; or in another order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.saved import Order, is_one
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Storages(NamedTuple):
    """`owner`: tensor → the one that owns its memory, usually itself. `numbers`: owner → its numel for one sample."""

    owner: Mapping[str, str]
    numbers: Mapping[str, Size]


def find_storages(
    inputs: Mapping[str, Shape], nodes: Iterable[Node], training: bool = False, skipped: Collection[str] = ()
) -> Storages:
    """Find the owners of the memory of inputs and nodes; for the nodes `skipped`, the output is the input."""
    owner = {name: name for name in inputs}
    numbers = {name: numel(shape) for name, shape in inputs.items()}
    orders: dict[str, Order] = {}  # of tensors whose elements are not in the order of their axes
    for node in nodes:
        before = orders.get(node.inputs[0]) if node.inputs else None
        reuses = node.name in skipped or _reuses(node, before, training)
        if reuses:
            owner[node.name] = owner[node.inputs[0]]
        else:
            owner[node.name] = node.name
            numbers[node.name] = 0 if is_weight(node) else numel(node.output)
        after = before if node.name in skipped else node.layer.order(node.shapes, node.output, before, reuses)
        if after is not None:
            orders[node.name] = after
    return Storages(owner, numbers)


def is_weight(node: Node) -> bool:
    """Whether the output is the layer's weight itself, whose memory is counted there, once for all samples."""
    return node.layer.reuses(training=False) == "weights"


def _reuses(node: Node, before: Order | None, training: bool) -> bool:
    """Whether a node's output lies in the memory of its first input."""
    reuse = node.layer.reuses(training)
    if reuse != "laid out":
        return reuse not in ("none", "weights")
    return before is None or sum(not is_one(size) for size in node.shapes[0]) <= 1
