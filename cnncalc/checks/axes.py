"""Spatial axes in words, and what the windows along them read."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.layers.window import Window
from cnncalc.render.fit_words import ROWS
from cnncalc.render.sizes import plural


def amounts(counts: Sequence[int]) -> str:
    """1 row and 2 columns; an axis with none is left out."""
    words = ROWS.get(len(counts), ("row",) * len(counts))
    return " and ".join(plural(count, word) for count, word in zip(counts, words, strict=True) if count)


def by(sizes: Sequence[object]) -> str:
    """3×3."""
    return "×".join(map(str, sizes))


def numbers(window: Window) -> bool:
    """Whether a window speaks of plain integers alone."""
    size, kernel, stride, low, high, dilation, _ = window
    return (
        isinstance(size, int)
        and isinstance(kernel, int)
        and isinstance(stride, int)
        and isinstance(low, int)
        and isinstance(high, int)
        and isinstance(dilation, int)
    )


def live_taps(window: Window) -> int:
    """How many of the kernel's taps ever fall on the map, all windows taken together; for plain integers."""
    size, kernel, stride, low, _, dilation, _ = map(whole, window)
    out = whole(window.out)
    alive = 0
    for tap in range(kernel):
        first = max(0, -((dilation * tap - low) // stride))  # the first window that has this tap at 0 or beyond
        alive += first < out and stride * first - low + dilation * tap < size
    return alive


def whole(value: object) -> int:
    """A number that is known to be one."""
    assert isinstance(value, int)
    return value
