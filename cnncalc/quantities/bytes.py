"""Bytes: `8GiB` and `512kB` read; 25.1 MiB written, 1024-based, or 249 MB where they were measured."""

from __future__ import annotations

from cnncalc.errors import UsageError
from cnncalc.quantities.amounts import UNKNOWN, nearest_amount, read_amount
from cnncalc.quantities.decimals import three_digits
from cnncalc.quantities.measures import quantity_text
from cnncalc.quantities.sizes import count_text
from cnncalc.suggest import ask
from cnncalc.symbolic import Size

UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
LONGEST = 120  # signs of a closed form; a longer one is in JSON


def read_bytes(text: str, option: str) -> int:
    """A number of bytes of at least 1: `8GiB` (1024-based), `8GB` (1000-based), `512 kB`, `4096`.

    Raises:
        UsageError: the text spells none.
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
    """Three digits and a unit from 1024 on: 25.1 MiB; all digits where exact; a closed form that is not too long."""
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
    """249 MB, 1000-based as other quantities that are measured; a dash for what is not known."""
    return "—" if number is None else quantity_text(number, "B") if number >= 1000 else f"{number} B"
