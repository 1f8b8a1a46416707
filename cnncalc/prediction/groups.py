"""What the kernel of a layer does, which decides how fast it multiplies and moves bytes."""

from __future__ import annotations

from typing import Literal, get_args

from cnncalc.analysis.cost import macs_of
from cnncalc.graph import Node

Group = Literal[
    "dense", "pointwise", "grouped", "depthwise", "product", "attention", "elementwise", "norm", "window", "move"
]
"""A convolution with all channels; one of 1×1; one with groups of several channels, or of one; a matrix product; fused
attention; a function of each element; a normalization by the input's own statistics, or a softmax; a pooling or mean;
any other reordering."""

GROUPS: tuple[Group, ...] = get_args(Group)
MULTIPLY: tuple[Group, ...] = GROUPS[:6]


def group_of(node: Node) -> Group:
    """What the kernel of a layer does."""
    layer = node.layer
    if macs_of(node):
        return _multiplication(node)
    if layer.elementwise or layer.broadcasts:
        own = (layer.normalizes and not layer.folds) or "softmax" in layer.kind
        return "norm" if own else "elementwise"
    return "window" if layer.windows(node.shapes) or layer.positions == "gathered" else "move"


def _multiplication(node: Node) -> Group:
    layer = node.layer
    windows = layer.windows(node.shapes)
    if not windows:
        return "product" if layer.weighs or layer.takes == (2, 2) else "attention"
    groups = getattr(layer, "groups", 1)
    if groups == 1:
        return "pointwise" if all(window.kernel == 1 for window in windows) else "dense"
    return "depthwise" if groups == node.shapes[0][0] else "grouped"
