"""Which tensors lie in whose memory: views and what runs in place make no new ones (docs/formulas.md).

A layer says whether it reuses its input's memory. What `flatten` and `reshape` need to know besides is how an input's
numbers lie: in the order of its axes; with gaps, as a part of another tensor; or in another order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from cnncalc.analysis.parameters import count
from cnncalc.graph import Node
from cnncalc.layers.activation import Elementwise
from cnncalc.layers.layer import Shape
from cnncalc.layers.linear import Linear
from cnncalc.layers.merge import Add
from cnncalc.layers.normalization import LayerNorm
from cnncalc.layers.reshaping import Permute
from cnncalc.layers.resizing import Crop
from cnncalc.layers.saved import is_one
from cnncalc.layers.selection import Slice
from cnncalc.symbolic import Size

Order = Literal["gaps", "permuted"]


class Storages(NamedTuple):
    """`owner`: tensor → the one in whose memory it lies, most often itself. `numbers`: owner → those of one sample."""

    owner: Mapping[str, str]
    numbers: Mapping[str, Size]


def storages(
    inputs: Mapping[str, Shape], nodes: Iterable[Node], training: bool = False, skipped: Collection[str] = ()
) -> Storages:
    """The memory of inputs and nodes; the nodes `skipped` do nothing: their output is their input."""
    owner = {name: name for name in inputs}
    numbers = {name: count(shape) for name, shape in inputs.items()}
    orders: dict[str, Order] = {}  # of the tensors whose numbers lie otherwise than in the order of their axes
    for node in nodes:
        before = orders.get(node.inputs[0])
        reuses = node.name in skipped or _reuses(node, before, training)
        if reuses:
            owner[node.name] = owner[node.inputs[0]]
        else:
            owner[node.name] = node.name
            numbers[node.name] = count(node.output)
        after = before if node.name in skipped else _order(node, before, reuses)
        if after is not None:
            orders[node.name] = after
    return Storages(owner, numbers)


def _reuses(node: Node, before: Order | None, training: bool) -> bool:
    reuse = node.layer.reuses(training)
    if reuse != "laid out":
        return reuse != "none"
    return before is None or sum(not is_one(size) for size in node.shapes[0]) <= 1


def _order(node: Node, before: Order | None, reuses: bool) -> Order | None:
    """How the numbers of a node's output lie."""
    layer, shape = node.layer, node.shapes[0]
    if isinstance(layer, Permute):
        return "permuted" if _moves(layer, shape) else before
    if isinstance(layer, Slice | Crop):
        return before if node.output == shape or _leading(layer, before) else "gaps"
    if layer.reuse == "laid out":
        return before if reuses else None
    if isinstance(layer, Linear | LayerNorm):
        several = not is_one(node.output[0]) and not all(map(is_one, shape[1:]))
        return "permuted" if layer.axis == "channels" and several else None
    if isinstance(layer, Elementwise | Add):
        return before if reuses or before == "permuted" else None
    return None


def _moves(layer: Permute, shape: Shape) -> bool:
    """Whether a permutation moves more than axes of size 1."""
    rank = len(shape) + 1
    wide = [dim % rank for dim in layer.dims if not is_one(shape[dim % rank - 1])]
    return wide != sorted(wide)


def _leading(layer: Slice | Crop, before: Order | None) -> bool:
    """Whether a slice takes consecutive channels, which lie together."""
    return isinstance(layer, Slice) and layer.dim == 1 and is_one(layer.step) and before is None
