"""Measured quantities with three significant digits: 1.23 ms, 4.07 GB/s."""

from __future__ import annotations

from cnncalc.quantities.decimals import places_of, three_digits

SMALL = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def seconds_text(seconds: float, like: float | None = None) -> str:
    """A duration: 1.23 ms. With `like`, in the unit and with the precision of that duration."""
    scale, unit = next(((s, u) for s, u in SMALL if (like or seconds) >= s), SMALL[-1])
    return f"{seconds / scale:.{places_of((like or seconds) / scale)}f} {unit}"


def interval_text(interval: tuple[float, float] | None, median: float) -> str:
    """An interval such as 1.21 … 1.26 ms, in the unit of the median; a dash for None."""
    if interval is None:
        return "—"
    low, high = (seconds_text(end, median) for end in interval)
    return f"{low.partition(' ')[0]} … {high}"


def quantity_text(number: float, unit: str) -> str:
    """A quantity with an SI prefix: 33.6 GFLOP/s."""
    scale, prefix = next(((s, p) for s, p in LARGE if number >= s), LARGE[-1])
    return f"{three_digits(number / scale)} {prefix}{unit}"


def times_text(factor: float) -> str:
    """A factor: 1.04×, 0.0213×."""
    return f"{factor:.3g}×" if factor < 0.1 else f"{factor:.2f}×" if factor < 100 else f"{factor:,.0f}×"
