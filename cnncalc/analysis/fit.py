"""Determines whether (N − F + 2P)/S + 1 is an integer, and if not, what goes unread (docs/formulas.md)."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.graph import Node
from cnncalc.layers.window import Unread, Window
from cnncalc.records import Record
from cnncalc.symbolic import Size

ORDER: tuple[Unread, ...] = ("none", "padding", "gap", "pixels")


class Fit(Record):
    """The windows of one layer, and their leftovers in rows, per spatial axis."""

    windows: tuple[Window, ...]
    leftover: tuple[Size, ...]

    @property
    def symbolic(self) -> bool:
        """Whether the fit depends on a symbol."""
        return not all(isinstance(rest, int) for rest in self.leftover)

    @property
    def fits(self) -> bool | None:
        """Whether every axis fits exactly; None if that depends on a symbol."""
        if any(isinstance(rest, int) and rest != 0 for rest in self.leftover):
            return False
        return None if self.symbolic else True

    @property
    def unread(self) -> Unread | None:
        """The worst kind of unread rows over all axes; None if that depends on a symbol."""
        over = [w for w, rest in zip(self.windows, self.leftover, strict=True) if not isinstance(rest, int) or rest > 0]
        if not all(window.is_numeric for window in over):
            return None
        return max((window.trailing().unread for window in over), key=ORDER.index, default="none")

    def exact(self) -> tuple[Fraction, ...]:
        """(N − E + P_low + P_high)/S + 1 per axis, before rounding; for plain integers.

        Raises:
            TypeError: a size is symbolic.
        """
        return tuple(_exact(window) for window in self.windows)


def _exact(window: Window) -> Fraction:
    slack, stride = window.slack, window.stride
    if not isinstance(slack, int) or not isinstance(stride, int):
        msg = "the fit depends on a symbol"
        raise TypeError(msg)
    return Fraction(slack, stride) + 1


def fit_of(node: Node) -> Fit | None:
    """The fit of a sliding layer; None for other layers."""
    windows = node.layer.windows(node.shapes)
    return Fit(windows, tuple(window.leftover for window in windows)) if windows else None
