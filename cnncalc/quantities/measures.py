"""Measured quantities as readers write them: 1.23 ms, 4.07 GB/s; three digits tell what can be told."""

from __future__ import annotations

SMALL = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
SHARE_DIGITS = 10  # percent below which a digit follows the point


def seconds_text(seconds: float, like: float | None = None) -> str:
    """A time: 1.23 ms; in the unit that another is written in where that is given, and with as many digits."""
    scale, unit = next(((s, u) for s, u in SMALL if (like or seconds) >= s), SMALL[-1])
    return f"{seconds / scale:.{_places((like or seconds) / scale)}f} {unit}"


def interval_text(interval: tuple[float, float] | None, median: float) -> str:
    """1.21 … 1.26 ms; a dash of none."""
    if interval is None:
        return "—"
    low, high = (seconds_text(end, median) for end in interval)
    return f"{low.partition(' ')[0]} … {high}"


def quantity_text(number: float, unit: str) -> str:
    """With a prefix: 33.6 GFLOP/s."""
    scale, prefix = next(((s, p) for s, p in LARGE if number >= s), LARGE[-1])
    return f"{number / scale:.{_places(number / scale)}f} {prefix}{unit}"


def bytes_text(number: int | None) -> str:
    """249 MB, in millions; a dash of what is not known."""
    return "—" if number is None else quantity_text(number, "B") if number >= 1000 else f"{number} B"


def percent_text(share: float) -> str:
    """2.4%, 91%; never 0% of what is something."""
    percent = 100 * share
    if 0 < percent < 0.05:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < SHARE_DIGITS else f"{percent:.0f}%"


def times_text(factor: float) -> str:
    """1.04×, 0.0213×."""
    return f"{factor:.3g}×" if factor < 0.1 else f"{factor:.2f}×" if factor < 100 else f"{factor:,.0f}×"


def _places(number: float) -> int:
    """Digits behind the point, for three in all."""
    return 0 if number >= 99.95 else 1 if number >= 9.995 else 2
