"""Between which numbers every tensor lies, as far as its layers alone tell: what relu, sigmoid and their like bound."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from cnncalc.graph import Graph, Node
from cnncalc.layers.activation import Hardtanh, LeakyRelu, Softplus
from cnncalc.layers.layer import Layer
from cnncalc.layers.regularization import Dropout
from cnncalc.layers.resizing import Pad, Upsample


class Range(NamedTuple):
    """From `low` to `high`, both included; None: no bound on that side."""

    low: Fraction | None = None
    high: Fraction | None = None

    def within(self, other: Range) -> bool:
        """Whether no number of this range lies outside the other."""
        above = other.low is None or (self.low is not None and self.low >= other.low)
        return above and (other.high is None or (self.high is not None and self.high <= other.high))

    def with_zero(self) -> Range:
        """The range and 0."""
        return union(self, Range(ZERO, ZERO))


ZERO, ONE = Fraction(0), Fraction(1)
ANY = Range()
POSITIVE = Range(ZERO, None)
_MAKES = {
    "relu": POSITIVE,
    "relu6": Range(ZERO, Fraction(6)),
    "abs": POSITIVE,
    "sigmoid": Range(ZERO, ONE),
    "hardsigmoid": Range(ZERO, ONE),
    "softmax": Range(ZERO, ONE),
    "tanh": Range(-ONE, ONE),
    "log_softmax": Range(None, ZERO),
}
_LEAVES = {"relu": POSITIVE, "relu6": Range(ZERO, Fraction(6)), "abs": POSITIVE, "elu": POSITIVE, "celu": POSITIVE}
_MOVES = frozenset(  # numbers are moved or left out, and none is made
    {
        "identity",
        "flatten",
        "reshape",
        "permute",
        "channel_shuffle",
        "pixel_shuffle",
        "pixel_unshuffle",
        "crop",
        "slice",
    }
    | {"concat", "adaptive_maxpool", "global_maxpool", "adaptive_avgpool", "global_avgpool", "mean", "maxpool"}
)


def ranges(graph: Graph) -> dict[str, Range]:
    """The range of every tensor; the inputs may hold anything."""
    found = dict.fromkeys(graph.inputs, ANY)
    for node in graph.nodes:
        found[node.name] = _leaving(node, [found[name] for name in node.inputs])
    return found


def fixed(layer: Layer) -> Range | None:
    """The numbers that an activation leaves alone; None for what is no activation or changes them all."""
    if isinstance(layer, Hardtanh):
        return Range(Fraction(layer.min_val), Fraction(layer.max_val))
    return POSITIVE if isinstance(layer, LeakyRelu) or layer.kind == "prelu" else _LEAVES.get(layer.kind)


def union(*parts: Range) -> Range:
    """The smallest range around all."""
    lows, highs = [part.low for part in parts], [part.high for part in parts]
    low = None if None in lows else min(value for value in lows if value is not None)
    return Range(low, None if None in highs else max(value for value in highs if value is not None))


def _leaving(node: Node, entering: list[Range]) -> Range:
    layer = node.layer
    if node.kind in _MAKES:
        return _MAKES[node.kind]
    if isinstance(layer, Hardtanh):
        return Range(Fraction(layer.min_val), Fraction(layer.max_val))
    if isinstance(layer, Softplus):
        return _softplus(layer)
    if node.kind in _MOVES:
        return union(*entering)
    if node.kind in ("avgpool", "leaky_relu", "prelu", "elu", "celu", "selu", "gelu", "silu", "mish", "hardswish"):
        return _above(entering[0])
    if node.kind in ("add", "multiply"):
        return POSITIVE if all(part.within(POSITIVE) for part in entering) else ANY
    if isinstance(layer, Upsample):
        return ANY if layer.mode == "bicubic" else entering[0]
    if isinstance(layer, Pad):
        return union(entering[0], Range(Fraction(layer.value), Fraction(layer.value)))
    if isinstance(layer, Dropout):  # in training, what stays is multiplied by 1/(1 − p)
        return entering[0] if layer.p == 0 else _above(entering[0])
    return ANY


def _softplus(layer: Softplus) -> Range:
    """On the side of 0 that beta is; a threshold below 0 lets x itself through on both."""
    if layer.threshold < 0 or layer.beta == 0:
        return ANY
    return POSITIVE if layer.beta > 0 else Range(None, ZERO)


def _above(entering: Range) -> Range:
    """What stays on the same side of 0, and is bounded no further."""
    return POSITIVE if entering.within(POSITIVE) else ANY
