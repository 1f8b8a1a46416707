"""One call of a layer as another tool sees it, in the letters of the tables: x, y, macs, bias, …

x and y are how many numbers enter and leave; counts are for one sample, as the tools make them at batch 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Node, Written
from cnncalc.layers.layer import Shape
from cnncalc.layers.operations import Operations, adaptive_reads_of_map
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

JOINS = ("add", "subtract", "multiply", "matmul", "mean")


def usual(kind: str) -> Written:
    """How a layer is written where the spec does not say: what PyTorch has no module for is an operator."""
    return "operator" if kind in JOINS else "module"


class Call:
    """A node with the figures that tables ask for; hooks see modules, patches the functions that modules call too."""

    __slots__ = ("folded", "node", "once", "written")

    def __init__(self, node: Node, written: Written, folded: bool = False, once: bool = True) -> None:
        self.node = node
        self.written = written
        self.folded = folded  # a convolution and the batchnorm behind it, which exporters make one
        self.once = once  # whether no later call of the same module follows

    @property
    def layer(self) -> Any:  # noqa: ANN401 - a descriptor of some kind; a rule knows which
        """The descriptor."""
        return self.node.layer

    @property
    def hooked(self) -> bool:
        """Whether a hook on modules sees it."""
        return self.written in ("module", "shared")

    @property
    def patched(self) -> bool:
        """Whether a patched function sees it."""
        return self.written != "operator"

    @property
    def rank(self) -> int:
        """How many spatial axes enter; where nothing does, leave."""
        return len((*self.node.shapes, self.node.output)[0]) - 1

    @property
    def x(self) -> Size:
        """Numbers that enter: those of the first input; with uneven padding, which is a layer of its own, padded."""
        if not self.node.shapes:
            return 0
        windows = self.layer.windows(self.node.shapes)
        if all(window.low == window.high for window in windows):
            return numel(self.node.shapes[0])
        return self.node.shapes[0][0] * numel(tuple(window.size + window.low + window.high for window in windows))

    @property
    def y(self) -> Size:
        """Numbers that leave."""
        return numel(self.node.output)

    @property
    def channels(self) -> Size:
        """The first size that leaves."""
        return self.node.output[0]

    @property
    def macs(self) -> Size:
        """Multiply-accumulates."""
        operations: Operations = self.layer.operations(self.node.shapes, self.node.output)
        return operations.mac

    @property
    def bias(self) -> Size:
        """One per output element where there is a bias, else 0."""
        return self.y if "bias" in self.node.weights else 0

    @property
    def affine(self) -> bool:
        """Whether it has learnt factors."""
        return "weight" in self.node.weights

    @property
    def params(self) -> Size:
        """Its learnt numbers."""
        return sum(map(numel, self.node.weights.values()))

    @property
    def spread(self) -> Size:
        """MACs of a transposed convolution as if it read a full window per output element: stride² too many."""
        groups: Size = self.layer.groups
        return self.y * (self.node.shapes[0][0] // groups) * self.kernel

    @property
    def kernel(self) -> Size:
        """Numbers in a window."""
        return numel(self.layer.kernel_size)

    @property
    def side(self) -> Size:
        """What a tool takes for the numbers in a window that multiplies the kernel only where it is a tuple.

        A kernel of one number is taken to be written as that number.
        """
        sizes: Shape = self.layer.kernel_size
        return sizes[0] if len(set(sizes)) == 1 else numel(sizes)

    @property
    def same(self) -> bool:
        """Whether PyTorch is told padding='same', in place of numbers: for a stride of 1."""
        layer = self.layer
        return bool(layer.padding == "same") and set(layer.stride) == {1}

    @property
    def parts(self) -> Size | None:
        """Numbers that the windows of adaptive pooling read, shared ones as often as they are read."""
        return adaptive_reads_of_map(self.node.shapes[0], self.node.output)

    @property
    def rows(self) -> Size:
        """How many groups softmax, or layer normalization, works on."""
        layer = self.layer
        if self.node.kind == "layernorm":
            index = 0 if layer.axis == "channels" else -1
            return self.x // self.node.shapes[0][index]
        rows: Size = layer.sums(self.node.output)
        return rows
