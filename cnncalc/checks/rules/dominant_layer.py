"""`dominant-layer`: a layer with more parameters than all others together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring, has_weight
from cnncalc.graph import Node

FEWEST = 6  # layers with weights; among fewer, one is always large


class DominantLayer(Rule):
    """One layer holds more than half of all parameters."""

    name: ClassVar[str] = "dominant-layer"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = (
        f"One layer holds more than half of all parameters: a layer after a flatten, or one of at least {FEWEST} "
        "layers with weights."
    )
    why: ClassVar[str] = (
        "That layer determines file size, memory and overfitting, whatever the rest of the network looks like. It is "
        "nearly always the first linear layer after a flatten. A global pooling before it, or fewer channels, makes "
        "it small: AlexNet's first linear layer holds 62% of its parameters, VGG's 74%. A final layer over pooled "
        "features, whose size follows from the features and the classes, and the largest of only a few layers are not "
        "reported."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - flatten
  - linear: 128
  - relu
  - linear: 10
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - global_avgpool
  - flatten
  - linear: 128
  - relu
  - linear: 10
"""
    source: ClassVar[str] = (
        "Lin, Chen, Yan: Network In Network, arXiv:1312.4400, section 3.2 (global average pooling instead)."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the dominant layer of inference, if there is one and all counts are known numbers."""
        report = subject.report
        total = report.params
        if not isinstance(total, int) or report.totals.at_least:
            return
        with_weights = [node for node in report.graph.nodes if not node.training and has_weight(node)]
        for node in with_weights:
            params = report[node.name].params
            if isinstance(params, int) and 2 * params > total:
                flattened = _is_after_flatten(subject.wiring, node)
                if flattened or (len(with_weights) >= FEWEST and not _is_classifier(subject.wiring, node)):
                    yield Case(node, "more than half of all parameters are in this layer")


def _is_after_flatten(wiring: Wiring, node: Node) -> bool:
    """Whether a layer reads all pixels of a map of a layer with weights, so that pooling could shrink it."""
    flattened = False
    for before in wiring.chain_back(node):
        flattened |= before.kind == "flatten" and any(size != 1 for size in before.shapes[0][1:])
        if has_weight(before):
            return flattened
    return False


def _is_classifier(wiring: Wiring, node: Node) -> bool:
    """Whether this is the last layer with weights, over pooled features, with a size given by features and classes."""
    return not wiring.feeds_weights(node) and all(size == 1 for size in node.shapes[0][1:])
