"""Byte counts: parses `8GiB` and `512kB`; formats 25.1 MiB (1024-based), or 249 MB for measured values."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.quantities.amounts import UNKNOWN, nearest_amount, read_amount
from cnncalc.quantities.decimals import three_digits
from cnncalc.quantities.measures import quantity_text
from cnncalc.quantities.sizes import count_text
from cnncalc.suggest import ask
from cnncalc.symbolic import Size

UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
LONGEST = 120  # characters of a closed form; a longer one appears only in JSON


def read_bytes(text: str, option: str) -> int:
    """The number of bytes, at least 1, that a text gives: `8GiB` (1024-based), `8GB` (1000-based), `512 kB`, `4096`.

    Raises:
        UsageError: the text is not a number of bytes.
    """
    number = read_amount(text)
    if number is None or number < 1:
        near = nearest_amount(text)
        hint = f": {ask(near)}" if near else ""
        raise UsageError(
            f"{option}: expected a number of bytes, such as 8GiB (1024-based) or 8GB, got '{text[:60]}'{hint}"
        )
    return int(number)


def bytes_text(size: Size | None, exact: bool = False) -> str:
    """Three digits and a unit from 1024 up (25.1 MiB); all digits if `exact`; a closed form unless it is too long."""
    if size is None:
        return UNKNOWN
    if not exact and isinstance(size, int):
        for unit, name in UNITS:
            if size >= unit:
                return f"{three_digits(size / unit)} {name}"
    text = count_text(size)
    if not isinstance(size, int) and len(text) > LONGEST:
        return f"bytes that depend on {', '.join(sorted(size.symbols))}"
    return f"({text}) B" if " " in text else f"{text} B"


def measured_bytes_text(number: int | None) -> str:
    """A measured number of bytes, 1000-based (249 MB); a dash if unknown."""
    return "—" if number is None else quantity_text(number, "B") if number >= 1000 else f"{number} B"
