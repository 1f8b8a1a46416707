"""Numbers of Python as a spec has them."""

from __future__ import annotations

from fractions import Fraction


def exact(value: float) -> int | Fraction:
    """A number of Python's as the decimal that it is printed as."""
    fraction = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else fraction
