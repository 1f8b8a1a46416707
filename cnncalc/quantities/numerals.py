"""Decimal numbers of a spec, read exactly: `227` is an int, `0.75` a Fraction; floats are never involved."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.limits import LARGEST_NUMBER, MOST_DIGITS, MOST_ZEROS

LARGEST_SIZE = LARGEST_NUMBER - 1  # also the largest integer of a field
_NUMERAL = r"([-+]?)((?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?"
_IN_A_NUMERAL = frozenset("0123456789+-.eE")
_PERCENT = r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%"


def numeral(text: str) -> int | Fraction | None:
    """The value of a numeral: an int if it is whole (`1.0` is 1), else a Fraction; None for other text.

    A leading zero (`010`) or an underscore is not allowed.

    Raises OverflowError, whose text is a sentence, beyond 2^63.
    """
    if len(text) < 19 and text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0"):
        return int(text)
    match = re.fullmatch(_NUMERAL, text) if _IN_A_NUMERAL.issuperset(text) else None
    return _value(*match.groups()) if match else None


def natural(text: str, most: int = LARGEST_SIZE) -> int | None:
    """The number from 0 to `most` that the digits 0 to 9 spell; None for any other text.

    Unlike `int`, it refuses signs, blanks, underscores and the digits of other scripts; unlike `str.isdigit`, it
    refuses ² too; and it takes no time for thousands of digits.
    """
    if not (text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS):
        return None
    number = int(text)
    return number if number <= most else None


def read_percent(text: str) -> Fraction | None:
    """`5%` → 1/20; None for any other text."""
    match = re.fullmatch(_PERCENT, text)
    return Fraction(match[1]) / 100 if match else None


def plain_number(value: Fraction) -> int | Fraction:
    """The value, as an int if it is whole."""
    return value.numerator if value.denominator == 1 else value


def _value(sign: str, digits: str, exponent: str | None) -> int | Fraction:
    # Check lengths first: int() of a long text is quadratic, and 1e999999999 would exhaust the memory.
    if len(digits) > MOST_DIGITS:
        raise OverflowError(f"the number is too large: it has more than {MOST_DIGITS} digits")
    if exponent and (len(exponent) > 9 or abs(int(exponent)) > MOST_ZEROS):
        raise OverflowError(f"the exponent is too large: at most {MOST_ZEROS}")
    whole, _, decimals = digits.partition(".")
    power = int(exponent or 0) - len(decimals)
    value = Fraction(int(whole + decimals) * 10 ** max(power, 0), 10 ** max(-power, 0))
    if value > LARGEST_NUMBER:
        raise OverflowError("the number is too large: a spec's numbers go up to 2^63")
    return plain_number(-value if sign == "-" else value)
