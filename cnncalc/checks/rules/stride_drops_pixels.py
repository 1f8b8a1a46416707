"""`stride-drops-pixels`: a stride that leaves rows of pixels unread after the last window."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from cnncalc.checks.axes import is_numeric
from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.explanations.fit_words import SIGN, verdict
from cnncalc.graph import Node
from cnncalc.solutions.fixes import layer_fixes


class StrideDropsPixels(Rule):
    """(N − F + 2P)/S + 1 is not an integer, and more than padding is rounded away."""

    name: ClassVar[str] = "stride-drops-pixels"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = "No window reads the last rows or columns of pixels."
    why: ClassVar[str] = (
        "The size (N − F + 2P)/S + 1 is not an integer and is rounded down. The pixels rounded away have no influence "
        "on the result, and they are always on the same side; the AlexNet of the paper loses a row and a column at "
        "its printed input of 224, and none at 227. Unread padding, and the gap that a stride longer than its kernel "
        "leaves between all windows, are not reported here."
    )
    example: ClassVar[str] = """\
input: 3x224x224
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
"""
    fixed: ClassVar[str] = """\
input: 3x227x227
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
"""
    source: ClassVar[str] = "Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the layers with a leftover that exceeds padding and gap, on an axis with known sizes."""
        for node, windows in subject.sliding.values():
            if any(is_numeric(window) and window.trailing().pixels for window in windows):
                text = verdict(subject.report[node.name].fit).text.removeprefix(SIGN)
                yield Case(node, text, ("stride",), partial(_fix, subject, node))


def _fix(subject: Subject, node: Node) -> Fix | None:
    fixes = layer_fixes(subject.exchange, node.name)
    return Fix(" or ".join(fix.change for fix in fixes)) if fixes else None
