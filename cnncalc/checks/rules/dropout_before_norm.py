"""`dropout-before-norm`: dropout before a batch normalization that collects statistics of its output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.wiring import Wiring
from cnncalc.graph import Node


class DropoutBeforeNorm(Rule):
    """The output of a dropout reaches a batch normalization with running statistics."""

    name: ClassVar[str] = "dropout-before-norm"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = "A dropout precedes a batch normalization, with no other normalization in between."
    why: ClassVar[str] = (
        "Dropout raises the variance that the normalization sees in training. At inference nothing is dropped, so its "
        "running variance is too large for its input: the variance shift. Dropout after the last batch normalization "
        "does not cause it."
    )
    example: ClassVar[str] = """\
input: 64x8x8
layers:
  - dropout: 0.5
  - conv: {out_channels: 64, kernel_size: 3, padding: 1, bias: false}
  - batchnorm
  - relu
"""
    fixed: ClassVar[str] = """\
input: 64x8x8
layers:
  - conv: {out_channels: 64, kernel_size: 3, padding: 1, bias: false}
  - batchnorm
  - relu
  - dropout: 0.5
"""
    source: ClassVar[str] = (
        "Li, Chen, Hu, Yang: Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift, "
        "CVPR 2019, arXiv:1801.05134."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the dropouts that reach such a normalization."""
        for node in subject.report.graph.nodes:
            if node.layer.drops:
                norm = _reached_norm(subject.wiring, node)
                if norm:
                    message = f"{norm.name} after it collects running statistics that do not hold at inference"
                    yield Case(node, message, (), lambda: _FIX)


_FIX = Fix("move dropout after the last batch normalization")


def _reached_norm(wiring: Wiring, dropout: Node) -> Node | None:
    """The first batch normalization with running statistics that is reached without another normalization."""
    waiting, seen = [dropout.name], {dropout.name}
    while waiting:
        for reader in wiring.consumers.get(waiting.pop(0), ()):
            if reader.layer.running and not reader.frozen:
                return reader
            normalized = reader.layer.normalizes or reader.kind == "unknown"
            if not normalized and reader.name not in seen:
                seen.add(reader.name)
                waiting.append(reader.name)
    return None
