"""Cost: multiply-accumulates and all arithmetic operations of one sample (docs/formulas.md).

MACs are those of convolutions (transposed ones by their input), linear layers, matrix products, and the relatives that
are matrix products too: `locally_connected`, and the predictions of `capsule`. FLOPs are all operations, 2 per MAC. A
shared layer counts at every call; training heads have no part in inference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.graph import Graph, Node
from cnncalc.layers.operations import Operations
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Cost(NamedTuple):
    """The operations of several nodes; `at_least` where some node's cannot be known."""

    operations: Operations = Operations()
    at_least: bool = False

    @property
    def macs(self) -> Size:
        """Multiply-accumulates."""
        return self.operations.mac

    @property
    def flops(self) -> Size:
        """All arithmetic operations."""
        return self.operations.flops


class Passes(NamedTuple):
    """Multiply-accumulates of one training step of a layer: forward, and backward to the input and to the weights."""

    forward: Size = 0
    to_input: Size = 0
    to_weights: Size = 0

    @property
    def total(self) -> Size:
        """All of them."""
        return self.forward + self.to_input + self.to_weights


def operations_of(node: Node) -> Operations | None:
    """The operations of a node by kind; None where they cannot be known."""
    return node.layer.operations(node.shapes, node.output)


def macs_of(node: Node) -> Size | None:
    """Multiply-accumulates of a node; None where they cannot be known."""
    operations = operations_of(node)
    return None if operations is None else operations.mac


def flops_of(node: Node) -> Size | None:
    """Arithmetic operations of a node; None where they cannot be known."""
    operations = operations_of(node)
    return None if operations is None else operations.flops


def cost_of(nodes: Iterable[Node]) -> Cost:
    """The operations of several nodes together."""
    known = [operations_of(node) for node in nodes]
    totals: list[Size] = [0] * len(Operations._fields)
    for operations in known:
        for kind, number in enumerate(operations or ()):
            if not (isinstance(number, int) and number == 0):
                totals[kind] = totals[kind] + number
    return Cost(Operations(*totals), None in known)


def training_passes(graph: Graph) -> Mapping[str, Passes | None]:
    """Node → the multiply-accumulates of one training step on one sample; None where they cannot be known.

    Backward, a gradient costs as many as forward: one for the weights that are not frozen, one per input that needs a
    gradient. Network inputs need none, so that the first convolution has no gradient to its input. What is no
    multiply-accumulate (normalization, activation, the update of the weights) is not counted: the rule of PyTorch's
    FlopCounterMode, halved, but for the weights of a grouped convolution, where PyTorch counts as if it had no groups.
    """
    needing: set[str] = set()
    passes: dict[str, Passes | None] = {}
    for node in graph.nodes:
        learns = bool(node.weights) and not node.frozen
        wanted = sum(name in needing for name in node.inputs)
        if learns or wanted:
            needing.add(node.name)
        macs = macs_of(node)
        passes[node.name] = None if macs is None else Passes(macs, wanted * macs, macs if learns else 0)
    return passes
