"""The roofline: the operations and bytes of a layer, and the least time that they take.

The compute time of a layer is its operations, 2 per multiply-accumulate, divided by the device's matrix rate. The
memory time is its bytes (every input that it reads, its weights and its output, once each) divided by the bandwidth.
The larger of the two is the bound (Williams, Waterman, Patterson: "Roofline", CACM 52(4), 2009). Both ceilings are
measured, not quoted. Some layers can beat the bound: convolutions by Winograd's algorithm, which multiply less; layers
with feature maps that stay in a cache; and fused layers, which never write theirs.
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
    """The measured ceilings: FLOP/s of a matrix product, and bytes/s (read and written) of a copy."""

    rate: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        """Operations per byte: the matrix rate limits layers above this intensity, the bandwidth those below it."""
        return self.rate / self.bandwidth


class Work(NamedTuple):
    """The work of a node for a batch: FLOPs of its multiply-accumulates, and bytes read and written."""

    flops: int
    bytes: int

    @property
    def intensity(self) -> float:
        """Operations per byte."""
        return self.flops / self.bytes if self.bytes else 0.0


class Bound(NamedTuple):
    """The least time of some work in seconds, and which ceiling sets it."""

    seconds: float
    by: Literal["compute", "memory", "nothing"]


def work_of(node: Node, batch: int, item: int) -> Work:
    """The work of a node at inference; `item` is the size of an element in bytes."""
    reuses_input = node.layer.reuses(training=False) in ("view", "laid out", "weights") and node.kind != "crop"
    if reuses_input or isinstance(node.layer, FurtherOutput):  # no data is moved
        return Work(0, 0)
    macs = _number(macs_of(node) or 0)
    moved = sum(read_of(node, shape) for shape in node.shapes) + _number(numel(node.output))
    constant = sum(_number(numel(shape)) for shape in (*node.weights.values(), *node.buffers.values()))
    return Work(2 * macs * batch, (moved * batch + constant) * item)


def read_of(node: Node, shape: Shape) -> int:
    """The number of elements of an input that a node reads: all except those between the windows of a sliding layer."""
    if node.kind == "crop":
        return _number(numel(node.output))
    read = _number(numel(shape))
    for window in node.layer.windows([shape]):
        size = _number(window.size)
        read = read // size * min(size, covered(window))
    return read


def covered(window: Window) -> int:
    """An upper limit on the rows along an axis that windows read: each adds its kernel, or its stride if smaller."""
    each = window.kernel if window.dilation != 1 else min(window.kernel, window.stride)
    return _number(window.kernel + (window.out - 1) * each)


def bound_of(work: Work, ceilings: Ceilings) -> Bound:
    """The larger of the compute and the memory time of some work."""
    computing, moving = work.flops / ceilings.rate, work.bytes / ceilings.bandwidth
    if not work.bytes:
        return Bound(0.0, "nothing")
    return Bound(computing, "compute") if computing >= moving else Bound(moving, "memory")


def network_bound(graph: Graph, batch: int, item: int, ceilings: Ceilings) -> float:
    """The least seconds of one pass, layer by layer: the sum of the layers' bounds."""
    works = (work_of(node, batch, item) for node in inference(graph))
    return sum(bound_of(work, ceilings).seconds for work in works)


def network_bytes(graph: Graph, batch: int, item: int) -> int:
    """Bytes that one pass reads and writes, layer by layer."""
    return sum(work_of(node, batch, item).bytes for node in inference(graph))


def inference(graph: Graph) -> list[Node]:
    """The nodes that run at inference."""
    return [node for node in graph.nodes if not node.training]


def forward_macs(nodes: Iterable[Node]) -> int:
    """Multiply-accumulates of one image."""
    return sum(_number(macs_of(node) or 0) for node in nodes)


def training_macs(graph: Graph) -> int:
    """Multiply-accumulates of a training step per image: forward, gradients of weights, and gradients of inputs.

    Each of the three takes as many as the forward pass. Frozen weights have no gradient, and the backward pass ends at
    the first trainable layer.
    """
    total = 0
    trainable: set[str] = set()  # tensors that depend on a trainable parameter
    for node in graph.nodes:
        input_gradients = sum(name in trainable for name in node.inputs)
        weight_gradients = bool(node.weights) and not node.frozen
        if input_gradients or weight_gradients:
            trainable.add(node.name)
        total += _number(macs_of(node) or 0) * (1 + weight_gradients + input_gradients)
    return total


def _number(size: object) -> int:
    assert isinstance(size, int)
    return size
