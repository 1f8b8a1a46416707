"""Bytes as readers write them: 25.1 MiB, 1024-based; all digits where they are asked for."""

from __future__ import annotations

from cnncalc.quantities.sizes import count_text
from cnncalc.symbolic import Size

UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
UNKNOWN = "unknown"
LONGEST = 120  # signs of a closed form; a longer one is in JSON


def bytes_text(size: Size | None, exact: bool = False) -> str:
    """Three digits and a unit from 1024 on: 25.1 MiB; all digits where exact; a closed form that is not too long."""
    if size is None:
        return UNKNOWN
    if not exact and isinstance(size, int):
        for unit, name in UNITS:
            if size >= unit:
                return f"{_three_digits(size / unit)} {name}"
    text = count_text(size)
    if not isinstance(size, int) and len(text) > LONGEST:
        return f"bytes that depend on {', '.join(sorted(size.symbols))}"
    return f"({text}) B" if " " in text else f"{text} B"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
