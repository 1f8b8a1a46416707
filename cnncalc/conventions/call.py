"""One call of a layer as another tool sees it, with the quantities of the tables: x, y, macs, bias, …

x and y are how many numbers enter and leave; counts are for one sample, as the tools make them at batch 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.graph import Manner, Node
from cnncalc.layers.layer import Shape
from cnncalc.layers.operations import Operations, adaptive_reads_of_map
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size


class Call:
    """A node with the quantities that the tables use; hooks see modules, patches also see functions called by
    modules.
    """

    __slots__ = ("by", "derived", "folded", "known", "node", "once", "written")

    def __init__(
        self, node: Node, manner: Manner, folded: bool = False, once: bool = True, known: bool = False
    ) -> None:
        self.node = node
        self.written = manner.way
        self.by = manner.by.split()  # the functions that it is called by, where they are not those of its kind
        self.derived = manner.derived  # the class of its module, where it is not PyTorch's own
        self.folded = folded  # a convolution and its batchnorm, which exporters fold
        self.known = known  # whether the spec says how it is written
        self.once = once  # whether this is the last call of its module

    @property
    def layer(self) -> Any:  # noqa: ANN401 - a descriptor of some kind; a rule knows which
        """The descriptor."""
        return self.node.layer

    @property
    def hooked(self) -> bool:
        """Whether a hook on modules sees the call."""
        return self.written in ("module", "shared")

    @property
    def exact(self) -> bool:
        """Whether a hook on modules sees the call that asks for PyTorch's own class."""
        return self.hooked and not self.derived

    @property
    def patched(self) -> bool:
        """Whether a patched function sees the call."""
        return self.written != "operator"

    @property
    def rank(self) -> int:
        """The number of spatial axes of the input, or of the output if there is no input."""
        return len((*self.node.shapes, self.node.output)[0]) - 1

    @property
    def x(self) -> Size:
        """Elements of the first input; with uneven padding, which becomes a separate layer, of the padded input."""
        if not self.node.shapes:
            return 0
        windows = self.layer.windows(self.node.shapes)
        if all(window.low == window.high for window in windows):
            return numel(self.node.shapes[0])
        return self.node.shapes[0][0] * numel(tuple(window.size + window.low + window.high for window in windows))

    @property
    def y(self) -> Size:
        """Elements of the output."""
        return numel(self.node.output)

    @property
    def channels(self) -> Size:
        """The first size of the output."""
        return self.node.output[0]

    @property
    def macs(self) -> Size:
        """Multiply-accumulates."""
        operations: Operations = self.layer.operations(self.node.shapes, self.node.output)
        return operations.mac

    @property
    def bias(self) -> Size:
        """Elements of the output if there is a bias, else 0."""
        return self.y if self.biased else 0

    @property
    def biased(self) -> bool:
        """Whether it has a bias."""
        return "bias" in self.node.weights

    @property
    def affine(self) -> bool:
        """Whether it has a trainable scale."""
        return "weight" in self.node.weights

    @property
    def params(self) -> Size:
        """The number of trainable parameters."""
        return sum(map(numel, self.node.weights.values()))

    @property
    def spread(self) -> Size:
        """MACs of a transposed convolution counted as if each output element read a full window (stride² times too
        many).
        """
        groups: Size = self.layer.groups
        return self.y * (self.node.shapes[0][0] // groups) * self.kernel

    @property
    def kernel(self) -> Size:
        """Elements in a window."""
        return numel(self.layer.kernel_size)

    @property
    def side(self) -> Size:
        """The kernel size that a tool uses if it multiplies kernel sizes only when they are a tuple.

        A square kernel is assumed to be given as one number.
        """
        sizes: Shape = self.layer.kernel_size
        return sizes[0] if len(set(sizes)) == 1 else numel(sizes)

    @property
    def same(self) -> bool:
        """Whether PyTorch gets padding='same' rather than numbers, as it does for stride 1."""
        layer = self.layer
        return bool(layer.padding == "same") and set(layer.stride) == {1}

    @property
    def plain(self) -> bool:
        """Whether attention is among all positions, with nothing added to its scores."""
        layer = self.layer
        return layer.local is None and layer.attn_mask is None and layer.relative_bias == "none" and not self.turned

    @property
    def turned(self) -> bool:
        """Whether attention normalizes, scales or turns its queries and keys itself."""
        layer = self.layer
        return bool(layer.qk_norm != "none" or layer.rotary or layer.scale != "fixed")

    @property
    def parts(self) -> Size | None:
        """Elements read by the windows of adaptive pooling, shared ones counted once per window."""
        return adaptive_reads_of_map(self.node.shapes[0], self.node.output)

    @property
    def rows(self) -> Size:
        """The number of groups over which softmax or layer normalization works."""
        layer = self.layer
        if self.node.kind == "layernorm":
            groups: Size = layer.rows(self.node.shapes[0])
            return groups
        rows: Size = layer.sums(self.node.output)
        return rows
