"""Cost: multiply-accumulates and all arithmetic operations of one sample (DESIGN section 8).

MACs are those of convolutions (transposed ones by their input), linear layers, matrix products, and the relatives that
are matrix products too: `locally_connected`, and the predictions of `capsule`. FLOPs are all operations, 2 per
MAC. A shared layer counts at every call.
"""

from __future__ import annotations

from cnncalc.graph import Node
from cnncalc.layers.operations import Operations
from cnncalc.symbolic import Size


def operations_of(node: Node) -> Operations | None:
    """The operations of a node by kind; None where they cannot be known."""
    return node.layer.operations(node.shapes, node.output)


def macs_of(node: Node) -> Size | None:
    """Multiply-accumulates of a node; None where they cannot be known."""
    operations = operations_of(node)
    return None if operations is None else operations.mac
