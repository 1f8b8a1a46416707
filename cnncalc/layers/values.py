"""Reads single values of a spec, and formats them as a spec would."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncalc.errors import LayerError
from cnncalc.quantities.decimals import short_decimal
from cnncalc.quantities.numerals import LARGEST_SIZE
from cnncalc.symbolic import Expr, Size

AXES = {0: "no spatial axis", 1: "1 spatial axis", 2: "2 spatial axes", 3: "3 spatial axes"}


def whole(value: object, least: int | None = None) -> Size:
    """An integer of at least `least`, or a symbolic one; raises LayerError for anything else."""
    if isinstance(value, Expr):
        return value
    return plain(value, least)


def plain(value: object, least: int | None = None) -> int:
    """An integer of at least `least`; raises LayerError for anything else, symbols included."""
    if type(value) is int and (-LARGEST_SIZE if least is None else least) <= value <= LARGEST_SIZE:
        return value
    if isinstance(value, Expr):
        raise LayerError(f"expected a plain number, got {value}")
    if isinstance(value, bool) or not isinstance(value, int):
        raise LayerError(f"expected a whole number, got {format_value(value)}")
    if least is not None and value < least:
        raise LayerError(f"expected a whole number of at least {least}, got {format_value(value)}")
    if abs(value) > LARGEST_SIZE:
        raise LayerError("expected a whole number below 2^63")
    return value


def check_length(numbers: list[Any] | tuple[Any, ...], rank: int, what: str = "numbers") -> None:
    """Require one entry per spatial axis."""
    if len(numbers) != rank:
        raise LayerError(f"expected {rank} {what} (the input has {AXES.get(rank, rank)}), got {len(numbers)}")


def format_value(value: object) -> str:
    """A value as a spec would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Fraction):
        if not -LARGEST_SIZE <= value <= LARGEST_SIZE:
            return "a very large number"
        return str(value) if isinstance(value, int) else short_decimal(value)
    if isinstance(value, list | tuple):
        text = f"[{', '.join(format_value(v) for v in value[:8])}{', …' if len(value) > 8 else ''}]"
        return text if len(text) <= 100 else text[:99] + "…"
    return f"'{value[:60]}'" if isinstance(value, str) else str(value)


def join_words(words: tuple[str, ...] | list[str]) -> str:
    """The words joined by commas."""
    return ", ".join(words)
