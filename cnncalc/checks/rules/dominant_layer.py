"""A layer that has more parameters than all others together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring, has_weight
from cnncalc.graph import Node

FEWEST = 6  # layers with weights: of fewer, one is always large


class DominantLayer(Rule):
    """Over half of all parameters in one layer."""

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
        """The one layer, where there is one; training heads apart, and nothing where a count is a symbol or unknown."""
        report = subject.report
        total = report.params
        if not isinstance(total, int) or report.totals.at_least:
            return
        weighing = [node for node in report.graph.nodes if not node.training and has_weight(node)]
        for node in weighing:
            params = report[node.name].params
            if isinstance(params, int) and 2 * params > total:
                flattened = _behind_flatten(subject.wiring, node)
                if flattened or (len(weighing) >= FEWEST and not _as_many_as_classes(subject.wiring, node)):
                    yield Case(node, "more than half of all parameters are in this layer")


def _behind_flatten(wiring: Wiring, node: Node) -> bool:
    """Whether it reads all pixels of a map that a layer with weights made: what a pooling could make less."""
    flattened = False
    for before in wiring.chain_back(node):
        flattened |= before.kind == "flatten" and any(size != 1 for size in before.shapes[0][1:])
        if has_weight(before):
            return flattened
    return False


def _as_many_as_classes(wiring: Wiring, node: Node) -> bool:
    """Whether this is the last layer with weights, over pooled features: as large as features and classes make it."""
    return not wiring.feeds_weights(node) and all(size == 1 for size in node.shapes[0][1:])
