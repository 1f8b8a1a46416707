"""A layer that has more parameters than all others together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.graph import Node

FEWEST = 4  # of so few layers one is always large


class DominantLayer(Rule):
    """Over half of all parameters in one layer."""

    name: ClassVar[str] = "dominant-layer"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = (
        f"One layer holds over half of all parameters (of a network in which at least {FEWEST} have any)."
    )
    why: ClassVar[str] = (
        "It is what the file, the memory and the overfitting come from, whatever the rest is made of; nearly always "
        "the first linear layer behind a flatten. A global pooling before it, or fewer channels, makes it small: "
        "AlexNet's first linear layer holds 62% of its parameters, and VGG's 74%. A last layer over pooled features, "
        "as large as features and classes make it, is not meant."
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
    mended: ClassVar[str] = """\
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
        sizes = [layer for layer in report.layers if not layer.node.training]
        with_any = [layer for layer in sizes if layer.params != 0]
        if not isinstance(total, int) or report.totals.at_least or len(with_any) < FEWEST:
            return
        for layer in with_any:
            over_half = isinstance(layer.params, int) and 2 * layer.params > total
            if over_half and not _as_many_as_classes(subject.wiring, layer.node):
                yield Case(layer.node, "more than half of all parameters are in this layer")


def _as_many_as_classes(wiring: Wiring, node: Node) -> bool:
    """Whether this is the last layer with weights, over pooled features: as large as features and classes make it."""
    if wiring.weighs_behind(node) or any(size != 1 for size in node.shapes[0][1:]):
        return False
    flattened = (before for before in wiring.ways_back(node) if before.kind == "flatten")
    return all(size == 1 for before in flattened for size in before.shapes[0][1:])
