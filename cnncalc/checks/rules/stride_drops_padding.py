"""`stride-drops-padding`: a stride that leaves padding unread after the last window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.axes import amounts, is_numeric
from cnncalc.checks.rule import Case, Level, Rule, Subject


class StrideDropsPadding(Rule):
    """(N − F + 2P)/S + 1 is not an integer, and only padding is rounded away."""

    name: ClassVar[str] = "stride-drops-padding"
    level: ClassVar[Level] = "off"
    what: ClassVar[str] = "No window reads the padding on the high side, although windows read it on the low side."
    why: ClassVar[str] = (
        "Nothing is lost, but the map is read off-centre: a 3×3 window with stride 2 and padding 1 uses the padding "
        "above and to the left of an even map, but not the padding below and to the right. An odd size, such as 225 "
        "for 224, is read evenly. Off by default: nearly every network for inputs of 224 does this."
    )
    example: ClassVar[str] = """\
input: 3x224x224
layers:
  - conv: {out_channels: 64, kernel_size: 3, stride: 2, padding: 1}
"""
    fixed: ClassVar[str] = """\
input: 3x225x225
layers:
  - conv: {out_channels: 64, kernel_size: 3, stride: 2, padding: 1}
"""
    source: ClassVar[str] = "Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285."

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the layers that leave some of their padding on the high side unread."""
        for node, windows in subject.sliding.values():
            unread = [window.trailing().padding if is_numeric(window) else 0 for window in windows]
            if any(unread):
                message = f"{amounts(unread)} of padding after the last window unread"
                yield Case(node, message, ("padding", "stride"))
