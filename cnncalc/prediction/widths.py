"""Bytes of an element of every tensor, and the casts between them, as autocast chooses them ("amp").

PyTorch's autocast (torch.amp, "Op-Specific Behavior") runs convolutions, matrix products and attention in 16 bits, and
normalizations by the input's own statistics and softmax in 32; every other operation takes the widest type that it
reads. Inputs and weights have 32 bits, so a learned scale or position embedding widens what it touches, and the next
convolution casts it back: a kernel of its own in eager execution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.prediction.groups import MULTIPLY, Group

HALF, FULL = 2, 4
PLAIN = {"bf16": HALF, "fp16": HALF, "fp32": FULL, "tf32": FULL}
MIXED = ("amp", "amp_bf16")
DTYPES = (*MIXED, *PLAIN)


def widths_of(graph: Graph, nodes: Sequence[Node], groups: Mapping[str, Group], dtype: str) -> dict[str, int]:
    """Tensor → bytes per element."""
    if dtype not in MIXED:
        names = [*graph.inputs, *(name for node in nodes for name in node.tensors)]
        return dict.fromkeys(names, PLAIN[dtype])
    widths = dict.fromkeys(graph.inputs, FULL)
    for node in nodes:
        wanted = wanted_width(node, groups[node.name], dtype)
        widened = bool(node.weights) and not node.layer.folds and not isinstance(node.layer, FurtherOutput)
        widest = max((widths[name] for name in node.inputs), default=FULL)
        width = wanted or (FULL if widened else widest)
        widths.update(dict.fromkeys(node.tensors, width))
    return widths


def wanted_width(node: Node, group: Group, dtype: str) -> int | None:
    """Bytes per element that autocast gives a layer, whatever it reads; None if it takes what comes."""
    if dtype not in MIXED:
        return PLAIN[dtype]
    if group in MULTIPLY:
        return HALF
    return FULL if group == "norm" else None
