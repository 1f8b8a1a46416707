"""`linear-without-activation-between`: two linear layers that are equivalent to one."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod
from typing import ClassVar

from cnncalc.checks.axes import as_int
from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.graph import Node
from cnncalc.layers.convolution import Conv
from cnncalc.layers.layer import Shape
from cnncalc.layers.linear import Linear, axis_index


class LinearWithoutActivationBetween(Rule):
    """Two linear layers with more weights than the single layer to which they are equivalent."""

    name: ClassVar[str] = "linear-without-activation-between"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "Two convolutions or linear layers follow each other with no nonlinearity in between."
    why: ClassVar[str] = (
        "The product of two linear maps is one linear map: the second layer adds no expressive power (batch "
        "normalization and dropout are linear at inference). Where the two layers together have fewer weights than "
        "the one map, the pair is a factorization that saves weights, such as a depthwise and a pointwise convolution "
        "or a linear bottleneck, and is not reported. Where they have more, an activation was most likely forgotten."
    )
    example: ClassVar[str] = """\
input: 784
layers:
  - linear: 256
  - linear: 10
"""
    fixed: ClassVar[str] = """\
input: 784
layers:
  - linear: 256
  - relu
  - linear: 10
"""
    source: ClassVar[str] = "Goodfellow, Bengio, Courville: Deep Learning, 2016, section 6.1."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the second layer of each such pair."""
        wiring = subject.wiring
        for second in wiring.graph.nodes:
            first = _previous_linear(wiring, second) if _is_linear_map(wiring, second) else None
            if first is None:
                continue
            merged, own = _merged_count(first, second), _weight_count(first) + _weight_count(second)
            if merged is not None and merged < own:
                message = (
                    f"there is no nonlinearity between this {second.kind} and the {first.kind} before it: "
                    f"their {own:,} weights are one linear map of {merged:,}"
                )
                yield Case(second, message, (), lambda: _FIX)


_FIX = Fix("put an activation between them, or keep only one of them")


def _is_linear_map(wiring: Wiring, node: Node) -> bool:
    """Whether this is a convolution or linear layer with weights of its own and numeric sizes."""
    layer = node.layer
    if not (isinstance(layer, Linear) or (isinstance(layer, Conv) and layer.connections is None)):
        return False
    sizes = (*node.weights.get("weight", ()), *node.shapes[0])
    return len(wiring.users(node)) == 1 and all(isinstance(size, int) for size in sizes)


def _previous_linear(wiring: Wiring, second: Node) -> Node | None:
    """The linear layer before, reached only through linear layers without other readers; None if there is none."""
    reader = second
    for node in wiring.chain_back(second):
        if wiring.sole_reader(node.name) is not reader:
            return None
        if _is_linear_map(wiring, node):
            return node
        if not (node.layer.linear and (node.layer.elementwise or node.kind == "flatten")):
            return None
        reader = node
    return None


def _weight_count(node: Node) -> int:
    return _numel(node.weights["weight"])


def _merged_count(first: Node, second: Node) -> int | None:
    """The number of weights of the equivalent single layer, borders aside; None if a size is unknown."""
    one, two = first.layer, second.layer
    if isinstance(two, Linear):
        if isinstance(one, Linear) and _transformed_axis(one, first.output) == _transformed_axis(two, second.output):
            return _numel((first.weights["weight"][1], second.weights["weight"][0]))
        return _numel(first.shapes[0]) * _numel(second.output)  # the output of a convolution was flattened
    if not isinstance(one, Conv) or not isinstance(two, Conv):
        return None
    axes = zip(first.layer.windows(first.shapes), second.layer.windows(second.shapes), strict=True)
    taps = 1
    for a, b in axes:
        if not all(isinstance(each, int) for each in (*a[1:6], *b[1:6])):
            return None
        taps *= count_sums(as_int(a.kernel), as_int(a.dilation), as_int(b.kernel), as_int(a.stride * b.dilation))
    groups = one.groups if one.groups == two.groups else 1
    return _numel((first.shapes[0][0], second.output[0])) // _numel((groups,)) * taps


def _transformed_axis(layer: Linear, shape: Shape) -> tuple[int, int]:
    """The axis that a linear layer transforms, and the number of axes."""
    return axis_index(layer.kind, layer.axis, shape), len(shape)


def count_sums(first: int, a: int, second: int, b: int) -> int:
    """The number of distinct sums a·u + b·v with u < first and v < second.

    Pairs with equal sums lie on a line, (b, −a)/gcd(a, b) apart: all but one on each line are duplicates.
    """
    shared = gcd(a, b)
    return first * second - max(0, first - b // shared) * max(0, second - a // shared)


def _numel(shape: Shape) -> int:
    return prod(size for size in shape if isinstance(size, int))
