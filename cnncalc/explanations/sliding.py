"""The arithmetic of a window: (N − F + 2P)/S + 1, whether it is whole, and what is not read."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.explanations.formula import Rounded, Value
from cnncalc.explanations.formulas import letters, padding, slack
from cnncalc.explanations.steps import OUT, D, E, F, N, S, Step
from cnncalc.layers.window import Window
from cnncalc.solutions.conditions import fits_where


def size_steps(window: Window) -> list[Step]:
    """The output size along one axis, preceded by the extent of a dilated kernel."""
    values = letters(window)
    steps = []
    if window.dilation != 1:
        steps.append(Step("reach", D * (F - 1) + 1, values, (window.extent,), note="E, including dilation holes"))
    exactly, stride = slack(window, worked_out=True) / S, window.stride
    if not isinstance(window.slack, int) or not isinstance(stride, int):
        closed = Rounded(exactly, window.ceil_mode) + 1
        return [*steps, Step("size", closed, values, (window.out,))]
    exact = Fraction(window.slack, stride) + 1
    results: tuple[Value, ...] = (exact,) if exact == window.out else (exact, window.out)
    return [*steps, Step("size", exactly + 1, values, results, note=_rounding(window, exact))]


def fit_step(window: Window) -> Step:
    """N + 2P − E − S·(out − 1): the leftover, and what it means."""
    formula = N + padding(window) - (F if window.dilation == 1 else E) - S * (OUT - 1)
    return Step("left over", formula, letters(window), (window.leftover,), note=verdict(window))


def verdict(window: Window) -> str:
    """What the leftover of a window means, in words."""
    leftover = window.leftover
    if not window.is_numeric or not isinstance(leftover, int):
        return f"it fits where {fits_where(window)}"
    if leftover == 0:
        return "it fits: every row is read"
    if leftover < 0:
        return f"the last window extends {-leftover:,} rows beyond the input: every row is read"
    padding, gap, pixels = window.trailing()
    parts = [(pixels, "of pixels that no window reads"), (padding, "of padding"), (gap, "in the gap of the stride")]
    return ", ".join(f"{count:,} {'row' if count == 1 else 'rows'} {what}" for count, what in parts if count)


def _rounding(window: Window, exact: Fraction) -> str:
    if exact.denominator == 1 and exact == window.out:
        return ""
    if not window.ceil_mode:
        return "does not fit: rounded down"
    up = -(-exact.numerator // exact.denominator)
    return "rounded up" if up == window.out else "rounded up, minus the window that would start in the padding"
