"""Spatial axes in words, and what the windows along them read."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.explanations.fit_words import ROWS
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import plural


def amounts(counts: Sequence[int]) -> str:
    """1 row and 2 columns; an axis with none is left out."""
    words = ROWS.get(len(counts), ("row",) * len(counts))
    return " and ".join(plural(count, word) for count, word in zip(counts, words, strict=True) if count)


def axes_text(sizes: Sequence[object]) -> str:
    """3×3."""
    return "×".join(map(str, sizes))


def is_numeric(window: Window) -> bool:
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
    size, kernel, stride, low, _, dilation, _ = map(as_int, window)
    reach = stride * (as_int(window.out) - 1)  # how far the last window lies behind the first
    begin, middle, end = (min(kernel, max(0, -(-row // dilation))) for row in (low - reach, low, low + size))
    # Taps of the first window from `middle` on lie on the map; those from `begin` on come to it, or jump over it.
    come = _remainders_below(size, middle - begin, dilation, dilation * begin - low, stride)
    return come + end - middle


def _remainders_below(bound: int, count: int, step: int, first: int, modulus: int) -> int:
    """How many of the first `count` numbers of first, first + step, … are below `bound` modulo `modulus`."""
    if bound >= modulus:
        return count
    return _floors(count, step, first, modulus) - _floors(count, step, first - bound, modulus)


def _floors(count: int, step: int, first: int, modulus: int) -> int:
    """Σ ⌊(first + step·i)/modulus⌋ over i < count: lattice points under a line, counted as Euclid's algorithm goes."""
    total = 0
    while count:
        total += step // modulus * (count * (count - 1) // 2) + first // modulus * count
        step, first = step % modulus, first % modulus
        count, first = divmod(step * count + first, modulus)
        step, modulus = modulus, step
    return total


def as_int(value: object) -> int:
    """A number that is known to be one."""
    assert isinstance(value, int)
    return value
