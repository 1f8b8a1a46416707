"""Counts multiply-accumulates and all arithmetic operations of one sample (docs/formulas.md).

MACs are counted for convolutions (transposed ones by their input), linear layers, matrix products, and related layers
that are matrix products too: `locally_connected`, and the predictions of `capsule`. FLOPs are all operations, 2 per
MAC. A shared layer counts at every call; training heads do not count at inference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.graph import Graph, Node
from cnncalc.layers.operations import Operations
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Cost(NamedTuple):
    """The operations of several nodes; `at_least` if those of some node are unknown."""

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
        """The sum of all passes."""
        return self.forward + self.to_input + self.to_weights


def operations_of(node: Node) -> Operations | None:
    """The operations of a node by kind; None if unknown."""
    return node.layer.operations(node.shapes, node.output)


def macs_of(node: Node) -> Size | None:
    """Multiply-accumulates of a node; None if unknown."""
    operations = operations_of(node)
    return None if operations is None else operations.mac


def flops_of(node: Node) -> Size | None:
    """Arithmetic operations of a node; None if unknown."""
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
    """Node → the multiply-accumulates of one training step on one sample; None if unknown.

    In the backward pass, each gradient costs as much as the forward pass: one for the weights unless frozen, and one
    per input that needs a gradient. Network inputs need none, so the first convolution has no input gradient. Other
    operations (normalization, activation, the update of the weights) are not counted. This is the rule of PyTorch's
    FlopCounterMode, halved, except that PyTorch counts the weight gradient of a grouped convolution as if ungrouped.
    """
    need_gradient: set[str] = set()
    passes: dict[str, Passes | None] = {}
    for node in graph.nodes:
        learns = bool(node.weights) and not node.frozen
        wanted = sum(name in need_gradient for name in node.inputs)
        if learns or wanted:
            need_gradient.add(node.name)
        macs = macs_of(node)
        passes[node.name] = None if macs is None else Passes(macs, wanted * macs, macs if learns else 0)
    return passes
