"""Converts Python numbers to the exact numbers of a spec."""

from __future__ import annotations

from fractions import Fraction


def exact(value: float | Fraction) -> int | Fraction:
    """The decimal number that Python prints for a float, exactly; a fraction as it is."""
    fraction = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else fraction
