"""`even-kernel-shifts`: an even kernel that keeps the size of its map but shifts it by half a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar

from cnncalc.checks.axes import axes_text, is_numeric
from cnncalc.checks.rule import Case, Level, Rule, Subject
from cnncalc.layers.window import Window


class EvenKernelShifts(Rule):
    """Stride 1, an even extent, and one more row of padding on one side than on the other."""

    name: ClassVar[str] = "even-kernel-shifts"
    level: ClassVar[Level] = "note"
    what: ClassVar[str] = "An even kernel keeps the size of its map by padding one side more than the other."
    why: ClassVar[str] = (
        "An even window has no middle pixel. With stride 1 and uneven padding everything shifts by half a pixel "
        "towards one corner, and again in every further layer of this kind; the maps that it is merged with stay in "
        "place. Padding on the low side only (causal, for sequences) is intentional and is not reported."
    )
    example: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 4, padding: same}
"""
    fixed: ClassVar[str] = """\
input: 3x32x32
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: same}
"""
    source: ClassVar[str] = (
        "Wu, Wang, Tang, Chen, Shi: Convolution with even-sized kernels and symmetric padding, NeurIPS 2019, "
        "arXiv:1903.08385."
    )

    def cases(self, subject: Subject) -> Iterator[Case]:
        """Yield the sliding layers that shift along an axis."""
        for node, windows in subject.sliding.values():
            shifts = [_shift(window) for window in windows]
            if any(shifts):
                most = max(map(abs, shifts))
                kernel = axes_text([window.kernel for window in windows])
                message = (
                    f"a {kernel} kernel has no middle pixel: with this padding it reads {_pixels_text(most)} off-centre"
                )
                yield Case(node, message, ("padding", "kernel_size"))


def _shift(window: Window) -> Fraction:
    """The offset from pixel i to the middle of window i if it is not whole, else 0; causal padding counts as 0."""
    if not is_numeric(window) or window.stride != 1 or window.low + window.high != window.extent - 1:
        return Fraction(0)
    causal = window.high == 0
    off = Fraction(window.high - window.low, 2)  # type: ignore[arg-type]
    return Fraction(0) if causal or off.denominator == 1 else off


def _pixels_text(count: Fraction) -> str:
    return "half a pixel" if count == Fraction(1, 2) else f"{float(count)} pixels"
