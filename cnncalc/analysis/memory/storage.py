"""Finds which tensors share memory: views and in-place operations allocate none (docs/formulas.md).

A layer declares whether it reuses the memory of its input; for `flatten` and `reshape` this depends on the order of
the input in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.memory_order import COPY, Order, Orders, view
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Storages(NamedTuple):
    """`owner`: tensor → the one that owns its memory, usually itself. `numbers`: owner → its numel for one sample.

    `orders`: tensor → its memory order, if it is not contiguous.
    """

    owner: Mapping[str, str]
    numbers: Mapping[str, Size]
    orders: Mapping[str, Order]

    def orders_of(self, names: Iterable[str]) -> Orders:
        """The memory orders of tensors."""
        return [self.orders.get(name) for name in names]


def find_storages(
    inputs: Mapping[str, Shape], nodes: Iterable[Node], training: bool = False, skipped: Collection[str] = ()
) -> Storages:
    """Find the owners of the memory of inputs and nodes; for the nodes `skipped`, the output is the input."""
    owner = {name: name for name in inputs}
    numbers = {name: numel(shape) for name, shape in inputs.items()}
    orders: dict[str, Order] = {}
    for node in nodes:
        before = [orders.get(name) for name in node.inputs]
        reuses = node.name in skipped or _reuses(node, before, training)
        if reuses:
            owner[node.name] = owner[node.inputs[0]]
        else:
            owner[node.name] = node.name
            numbers[node.name] = 0 if is_weight(node) else numel(node.output)
        after = before[0] if node.name in skipped else node.layer.order(node.shapes, node.output, before, reuses)
        if after is not None:
            orders[node.name] = after
    return Storages(owner, numbers, orders)


def is_weight(node: Node) -> bool:
    """Whether the output is the layer's weight itself, whose memory is counted there, once for all samples."""
    return node.layer.reuses(training=False) == "weights"


def _reuses(node: Node, before: Orders, training: bool) -> bool:
    """Whether a node's output lies in the memory of its first input."""
    reuse = node.layer.reuses(training)
    if reuse != "laid out":
        return reuse not in ("none", "weights")
    return view(before[0], node.shapes[0], node.output) != COPY
