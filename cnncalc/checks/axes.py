"""Formats amounts per spatial axis, and counts what the windows along an axis read."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.explanations.fit_words import ROWS
from cnncalc.layers.window import Window
from cnncalc.quantities.sizes import plural


def amounts(counts: Sequence[int]) -> str:
    """Format counts per axis: `1 row and 2 columns`; axes with 0 are omitted."""
    words = ROWS.get(len(counts), ("row",) * len(counts))
    return " and ".join(plural(count, word) for count, word in zip(counts, words, strict=True) if count)


def axes_text(sizes: Sequence[object]) -> str:
    """Format sizes per axis: `3×3`."""
    return "×".join(map(str, sizes))


def is_numeric(window: Window) -> bool:
    """Whether all sizes of a window are plain integers."""
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
    """The number of kernel taps that fall on the map in at least one window; for plain integers."""
    size, kernel, stride, low, _, dilation, _ = map(as_int, window)
    reach = stride * (as_int(window.out) - 1)  # the distance from the first window to the last
    begin, middle, end = (min(kernel, max(0, -(-row // dilation))) for row in (low - reach, low, low + size))
    # Taps of the first window from `middle` on lie on the map; those from `begin` on reach it later, or jump over it.
    later = _count_remainders_below(size, middle - begin, dilation, dilation * begin - low, stride)
    return later + end - middle


def _count_remainders_below(bound: int, count: int, step: int, first: int, modulus: int) -> int:
    """How many of the first `count` terms of first, first + step, … are below `bound` modulo `modulus`."""
    if bound >= modulus:
        return count
    return _sum_of_floors(count, step, first, modulus) - _sum_of_floors(count, step, first - bound, modulus)


def _sum_of_floors(count: int, step: int, first: int, modulus: int) -> int:
    """Σ ⌊(first + step·i)/modulus⌋ over i < count: lattice points under a line, counted by Euclid's algorithm."""
    total = 0
    while count:
        total += step // modulus * (count * (count - 1) // 2) + first // modulus * count
        step, first = step % modulus, first % modulus
        count, first = divmod(step * count + first, modulus)
        step, modulus = modulus, step
    return total


def as_int(value: object) -> int:
    """Narrow the type of a value that is known to be an integer."""
    assert isinstance(value, int)
    return value
