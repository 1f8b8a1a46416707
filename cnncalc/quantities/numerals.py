"""Decimal numbers of a spec, read exactly: `227` is an int, `0.75` a Fraction, and no float comes in between."""

from __future__ import annotations

import re
from fractions import Fraction

LARGEST = 2**63
SCALES: dict[str, int] = {
    **{prefix + byte: 1000**power for byte in ("", "B") for power, prefix in enumerate(("", "K", "M", "G", "T"))},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
    "k": 1000,
    "kB": 1000,
}
AMOUNT = r"(?P<number>[0-9][0-9_,]*(?:\.[0-9]+)?|\.[0-9]+)\s*(?P<scale>[kKMGT]?i?B?)"  # of a figure: 2k, 4.09G, 1,000
_NUMERAL = re.compile(r"([-+]?)((?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?")
_MOST_DIGITS = 60
_LARGEST_EXPONENT = 40


def amount(match: re.Match[str]) -> Fraction | None:
    """The number that a match of AMOUNT spells; None where its unit is none, or it is too long."""
    if match["scale"] not in SCALES or len(match["number"]) > _MOST_DIGITS:
        return None
    return Fraction(re.sub("[_,]", "", match["number"])) * SCALES[match["scale"]]


def numeral(text: str) -> int | Fraction | None:
    """The number that the text spells: an int where it is whole (`1.0` is 1), else a Fraction; None for other text.

    A leading zero (`010`) or an underscore is no decimal number. Raises OverflowError, with a sentence, beyond 2^63.
    """
    if len(text) < 19 and text.isdigit() and text.isascii() and (text[0] != "0" or text == "0"):
        return int(text)
    match = _NUMERAL.fullmatch(text)
    return _value(*match.groups()) if match else None


def _value(sign: str, digits: str, exponent: str | None) -> int | Fraction:
    # Sizes are checked on the text: int() of a long text is quadratic, and 1e999999999 would fill the memory.
    if len(digits) > _MOST_DIGITS:
        raise OverflowError(f"the number is too large: it has more than {_MOST_DIGITS} digits")
    if exponent and (len(exponent) > 9 or abs(int(exponent)) > _LARGEST_EXPONENT):
        raise OverflowError(f"the exponent is too large: at most {_LARGEST_EXPONENT}")
    whole, _, decimals = digits.partition(".")
    power = int(exponent or 0) - len(decimals)
    value = Fraction(int(whole + decimals) * 10 ** max(power, 0), 10 ** max(-power, 0))
    if value > LARGEST:
        raise OverflowError("the number is too large: a spec's numbers go up to 2^63")
    value = -value if sign == "-" else value
    return value.numerator if value.denominator == 1 else value
