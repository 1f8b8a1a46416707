"""What the kernel of a layer does, which decides how fast it multiplies and moves bytes."""

from __future__ import annotations

from typing import Literal, get_args

from cnncalc.analysis.cost import macs_of
from cnncalc.graph import Node

Group = Literal[
    "dense", "pointwise", "grouped", "depthwise", "wide_depthwise", "product", "attention",
    "elementwise", "norm", "window", "move",
]  # fmt: skip
"""A convolution with all channels; one of 1×1; one with groups of several channels; one with groups of one channel, and
such with a window that cuDNN has no kernel for; a matrix product; fused attention; a function of each element; a
normalization by the input's own statistics, or a softmax; a pooling or mean; any other reordering."""

GROUPS: tuple[Group, ...] = get_args(Group)
MULTIPLY: tuple[Group, ...] = GROUPS[:7]
NARROW = (1, 3, 5)
"""The sides of square windows with which PyTorch leaves a depthwise convolution to cuDNN; the kernel of its own that it
runs otherwise is far slower (`check_cudnn_depthwise_workload_with_filter`; pytorch/pytorch pull request 22302)."""


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
    if groups != node.shapes[0][0]:
        return "grouped"
    sides = {window.kernel for window in windows}
    return "depthwise" if len(sides) == 1 and sides <= set(NARROW) else "wide_depthwise"
