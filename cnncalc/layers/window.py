"""The formula: how a window slides along one axis.

Every sliding layer (convolution, pooling, …) takes its size and its fit from `Window`, and nowhere else. The
arithmetic uses plain operators, so that a size may be an `int` or a symbolic `Expr`.

Sources: V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285; the `ceil_mode`
rule is PyTorch's (`pooling_output_shape`): the last window must start inside the input or its low padding.
"""

from __future__ import annotations

from typing import Literal

from cnncalc.records import NamedTuple
from cnncalc.symbolic import Relation, Size, minimum

Unread = Literal["none", "padding", "gap", "pixels"]


class Trailing(NamedTuple):
    """The trailing rows that no window reads, by kind: padding, the gap of the stride, real pixels."""

    padding: int
    gap: int
    pixels: int

    @property
    def unread(self) -> Unread:
        """The worst of the three that occurs."""
        return "pixels" if self.pixels else "gap" if self.gap else "padding" if self.padding else "none"


class Window(NamedTuple):
    """One axis of a sliding layer: N = `size`, F = `kernel`, S = `stride`, P = `low` and `high`, D = `dilation`."""

    size: Size
    kernel: Size
    stride: Size = 1
    low: Size = 0
    high: Size = 0
    dilation: Size = 1
    ceil_mode: bool = False

    @property
    def extent(self) -> Size:
        """E = D·(F − 1) + 1: the number of rows that one window spans, including dilation holes."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def slack(self) -> Size:
        """N + P_low + P_high − E: how far the window can slide; negative if it is larger than the padded input."""
        return self.size + self.low + self.high - self.extent

    @property
    def out(self) -> Size:
        """⌊(N + P_low + P_high − E)/S⌋ + 1, or PyTorch's `ceil_mode` rounding; below 1 if no window fits."""
        if not self.ceil_mode:
            return self.slack // self.stride + 1
        return minimum(ceiling(self.slack, self.stride) + 1, ceiling(self.size + self.low, self.stride))

    @property
    def exists(self) -> bool | Relation:
        """Whether at least one window fits, out ≥ 1, expressed in the input size if that is simpler."""
        return self.out >= 1 if self.ceil_mode else self.slack >= 0

    @property
    def leftover(self) -> Size:
        """N + P_low + P_high − E − S·(out − 1): 0 fits; below 0 the last window overhangs; above 0 goes unread."""
        slack = self.slack
        return slack - self.stride * (self.out - 1 if self.ceil_mode else slack // self.stride)

    @property
    def is_numeric(self) -> bool:
        """Whether the unread rows depend on no symbol: a kernel as large as its input fits at every size."""
        leftover, sizes = self.leftover, (self.stride, self.extent, self.high)
        return isinstance(leftover, int) and (leftover <= 0 or all(isinstance(size, int) for size in sizes))

    def trailing(self) -> Trailing:
        """The rows not read after the last window; only for plain integers (a symbolic fit is a condition).

        Of a positive leftover, the high padding is outermost; next comes the gap max(0, S − E) that the stride
        leaves between all windows; anything beyond is real input that no window reads.
        """
        rest = max(0, _integer(self.leftover))
        if rest == 0:
            return Trailing(0, 0, 0)
        stride, extent, high = map(_integer, (self.stride, self.extent, self.high))
        padding = min(rest, high)
        gap = min(rest - padding, max(0, stride - extent))
        return Trailing(padding, gap, rest - padding - gap)


def ceiling(size: Size, divisor: Size) -> Size:
    """⌈size/divisor⌉."""
    return (size + divisor - 1) // divisor


def _integer(value: Size) -> int:
    if not isinstance(value, int):
        msg = f"{value} depends on symbols: give them values first"
        raise TypeError(msg)
    return value
