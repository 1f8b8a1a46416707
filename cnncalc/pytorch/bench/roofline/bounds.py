"""The roofline: what a layer must do and move, and how fast that can be at best.

A layer's operations are 2 per multiply-accumulate, over the device's matrix rate; its bytes are every input that it
reads, its weights and its output, once each, over the bandwidth. The larger time bounds it (Williams, Waterman,
Patterson: "Roofline", CACM 52(4), 2009). Both ceilings are measured, not quoted. What can pass the bound: convolutions
by Winograd's algorithm, which multiply less; maps that never leave a cache; fused layers, whose maps are never written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from cnncalc.analysis.cost import macs_of
from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Shape
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import numel


class Ceilings(NamedTuple):
    """What the device reached: FLOP/s of a matrix product, bytes/s (read and written) of a copy."""

    rate: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        """Operations per byte above which the matrix rate bounds, below which the bandwidth does."""
        return self.rate / self.bandwidth


class Work(NamedTuple):
    """What a node must do for a batch: operations of its multiply-accumulates, bytes read and written."""

    flops: int
    bytes: int

    @property
    def intensity(self) -> float:
        """Operations per byte."""
        return self.flops / self.bytes if self.bytes else 0.0


class Bound(NamedTuple):
    """The least seconds, and what they go into."""

    seconds: float
    by: Literal["compute", "memory", "nothing"]


def work_of(node: Node, batch: int, item: int) -> Work:
    """The work of a node at inference; `item` is the bytes of a number."""
    handed_on = node.layer.reuses(training=False) in ("view", "laid out", "weights") and node.kind != "crop"
    if handed_on or isinstance(node.layer, FurtherOutput):  # nothing moves
        return Work(0, 0)
    macs = _number(macs_of(node) or 0)
    moved = sum(read_of(node, shape) for shape in node.shapes) + _number(numel(node.output))
    kept = sum(_number(numel(shape)) for shape in (*node.weights.values(), *node.buffers.values()))
    return Work(2 * macs * batch, (moved * batch + kept) * item)


def read_of(node: Node, shape: Shape) -> int:
    """How many numbers of an input a node reads: all, but for those between the windows of a sliding layer."""
    if node.kind == "crop":
        return _number(numel(node.output))
    read = _number(numel(shape))
    for window in node.layer.windows([shape]):
        size = _number(window.size)
        read = read // size * min(size, covered(window))
    return read


def covered(window: Window) -> int:
    """At most how many rows along an axis some window reads: each reads its kernel, or goes on from the last."""
    each = window.kernel if window.dilation != 1 else min(window.kernel, window.stride)
    return _number(window.kernel + (window.out - 1) * each)


def bound_of(work: Work, ceilings: Ceilings) -> Bound:
    """The bound of some work."""
    computing, moving = work.flops / ceilings.rate, work.bytes / ceilings.bandwidth
    if not work.bytes:
        return Bound(0.0, "nothing")
    return Bound(computing, "compute") if computing >= moving else Bound(moving, "memory")


def network_bound(graph: Graph, batch: int, item: int, ceilings: Ceilings) -> float:
    """Seconds of one pass at best, layer after layer: the sum of the layers' bounds."""
    works = (work_of(node, batch, item) for node in inference(graph))
    return sum(bound_of(work, ceilings).seconds for work in works)


def network_bytes(graph: Graph, batch: int, item: int) -> int:
    """Bytes that one pass reads and writes, layer after layer."""
    return sum(work_of(node, batch, item).bytes for node in inference(graph))


def inference(graph: Graph) -> list[Node]:
    """The nodes that run at inference."""
    return [node for node in graph.nodes if not node.training]


def forward_macs(nodes: Iterable[Node]) -> int:
    """Multiply-accumulates of one image."""
    return sum(_number(macs_of(node) or 0) for node in nodes)


def training_macs(graph: Graph) -> int:
    """Multiply-accumulates of one image's step: forward, weights' gradients, and gradients of what enters.

    Each of the three takes as many as the forward pass. Frozen weights have no gradient, and nothing goes back past the
    first layer that learns.
    """
    total = 0
    learning: set[str] = set()  # tensors that depend on something that learns
    for node in graph.nodes:
        behind = sum(name in learning for name in node.inputs)
        own = bool(node.weights) and not node.frozen
        if behind or own:
            learning.add(node.name)
        total += _number(macs_of(node) or 0) * (1 + own + behind)
    return total


def _number(size: object) -> int:
    assert isinstance(size, int)
    return size
