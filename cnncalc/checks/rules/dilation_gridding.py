"""`dilation-gridding`: consecutive convolutions, some dilated, that together leave holes in the map they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.checks.finding import Fix
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.checks.stretches import Stretches, is_dilated


class DilationGridding(Rule):
    """The sums of the taps D·t in a stretch of at least two convolutions skip rows."""

    name: ClassVar[str] = "dilation-gridding"
    level: ClassVar[Level] = "warning"
    what: ClassVar[str] = (
        "Consecutive convolutions, some of them dilated, read a map on a grid: some rows within their receptive field "
        "are never read."
    )
    why: ClassVar[str] = (
        "Neighbouring outputs then see disjoint sets of pixels, and local detail falls apart into a grid. Dilation "
        "rates of 2, 2, 2 with a kernel of 3 do this; rates of 1, 2, 5 do not. The condition for hybrid dilated "
        "convolution is that the distances M_i = max(M_{i+1} − 2r_i, 2r_i − M_{i+1}, r_i), with M_n = r_n, come down "
        "to M_2 ≤ K. Here the rows that are read are counted one by one, including those read by branches and plain "
        "convolutions of the same stretch. A single dilated convolution always skips rows, and is not reported."
    )
    example: ClassVar[str] = """\
input: 16x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
"""
    fixed: ClassVar[str] = """\
input: 16x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - relu
  - conv: {out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
"""
    source: ClassVar[str] = (
        "Wang, Chen, Yuan, Liu, Huang, Hou, Cottrell: Understanding Convolution for Semantic Segmentation, WACV 2018, "
        "arXiv:1702.08502, section 3.2."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the last dilated layer of every stretch that ends with holes."""
        if not any(is_dilated(windows) for _, windows in subject.sliding.values()):
            return
        reported = set()
        stretches = Stretches(subject.wiring, subject.sliding)
        for node in subject.report.graph.nodes:
            last, start = stretches.last_dilated[node.name], stretches.start[node.name]
            with_holes = next((each for each in stretches.seen[node.name] if each.holes), None)
            if last is None or last in reported or start is None or with_holes is None or not stretches.ends(node):
                continue
            if stretches.depth[node.name] < 2:
                continue
            reported.add(last)
            sees = subject.wiring.pixel_source(node.name)
            rows, field = with_holes.rows + with_holes.holes, "its field" if sees == last else f"the field of {sees}"
            message = f"{with_holes.holes} of the {rows} rows in {field} over {start} are never read"
            yield Case(subject.wiring.producers[last], message, ("dilation",), lambda: _FIX)


_FIX = Fix("start with dilation 1, and use dilations without a common factor: 1, 2, 5")
