"""Large counts for reading: 4.09 G; all digits where they are asked for."""

from __future__ import annotations

from cnncalc.quantities.sizes import count_text
from cnncalc.symbolic import Size

UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"))
UNKNOWN = "unknown"


def amount_text(count: Size | None, exact: bool = False) -> str:
    """Three digits and a unit from a million on: 4.09 G; all digits below, where exact, and of closed forms."""
    if count is None:
        return UNKNOWN
    if not exact and isinstance(count, int):
        for index, (unit, letter) in enumerate(UNITS):
            if abs(count) >= unit:
                text = _three_digits(count / unit)
                return f"{text} {letter}" if text != "1000" or not index else f"1.00 {UNITS[index - 1][1]}"
    return count_text(count)


def difference_text(count: Size, exact: bool = True) -> str:
    """A difference with its sign: +22,227,968."""
    text = amount_text(count, exact)
    return f"+{text}" if isinstance(count, int) and count > 0 else text.replace("-", "−", 1)


def _three_digits(value: float) -> str:
    size = abs(value)
    return f"{value:.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:.0f}"
