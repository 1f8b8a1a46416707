"""Finds the factor between two columns of numbers: k, 1/k, or one half rounded down."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from cnncalc.writer import Data

Column: TypeAlias = "Sequence[Data]"  # a value per instance, None where the instance lacks the element
LARGEST_FACTOR = 32
HALF = Fraction(1, 2)


def factor_of(column: Column, values: Sequence[Any]) -> Fraction | None:
    """The factor, k or 1/k, by which the values give the column wherever that has a value; else None."""
    for wanted, have in zip(column, values, strict=True):
        if wanted is None or (wanted == have and type(wanted) is type(have)):
            continue
        if type(wanted) is not int or type(have) is not int or not wanted or not have:
            return None
        factor = Fraction(wanted // have) if wanted > have else Fraction(1, have // wanted)
        bounded = max(factor.numerator, factor.denominator) <= LARGEST_FACTOR
        return factor if bounded and is_multiple(column, values, factor) else None
    return Fraction(1)


def is_multiple(column: Column, values: Sequence[Any], factor: Fraction) -> bool:
    """Whether the values times this factor, rounded down, equal the column wherever that has a value."""
    return all(wanted is None or _times(have, factor) == wanted for wanted, have in zip(column, values, strict=True))


def _times(value: Any, factor: Fraction) -> Any:  # noqa: ANN401
    """value·k, or ⌊value/k⌋."""
    if factor == 1:
        return value
    return value * factor.numerator // factor.denominator if type(value) is int else None


def product(text: str, factor: Fraction) -> str:
    """An expression times a factor, as a spec writes it: `4 * channels`, `in_channels // 2`."""
    return text if factor == 1 else f"{factor} * {text}" if factor > 1 else f"{text} // {factor.denominator}"
