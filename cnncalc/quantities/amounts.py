"""Large counts: parses `2k`, `4.09G`, `1,000` and `512KiB` exactly; formats 4.09 G."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.errors import UsageError
from cnncalc.quantities.decimals import three_digits
from cnncalc.quantities.numerals import numeral
from cnncalc.quantities.sizes import count_text
from cnncalc.suggest import ask, nearest
from cnncalc.symbolic import Size

SCALES: dict[str, int] = {
    **{prefix + byte: 1000**power for byte in ("", "B") for power, prefix in enumerate(("", "K", "M", "G", "T"))},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
    "k": 1000,
    "kB": 1000,
}
# Digits in comma-separated groups of three, or with optional underscores; then decimals, an exponent, a scale.
AMOUNT = (
    r"(?P<number>(?:(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9_])|[0-9]+(?:_[0-9]+)*)(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:[eE][-+]?[0-9]{1,2})?)\s*(?P<scale>[kKMGT]?i?B?)"
)
UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"))
UNKNOWN = "unknown"
_LONGEST = 60
_WORDS = {
    "thousand": "k",
    "million": "M",
    "mio": "M",
    "mln": "M",
    "billion": "G",
    "bn": "G",
    "trillion": "T",
    "byte": "B",
    "bytes": "B",
}
_LOWERED = {scale.lower(): scale for scale in SCALES}  # the last one wins: kb is kB


def amount(match: re.Match[str]) -> Fraction | None:
    """The exact value of a match of AMOUNT; None if the scale is invalid or the number is too long."""
    if match["scale"] not in SCALES or len(match["number"]) > _LONGEST:
        return None
    return Fraction(match["number"].replace("_", "").replace(",", "")) * SCALES[match["scale"]]


def read_amount(text: str) -> Fraction | None:
    """The exact value of a text: 5,000 for `5,000` or `5k`, 1572864 for `1.5MiB`; None for any other text."""
    plain = text.strip()
    if plain.isdecimal() and plain.isascii() and len(plain) <= _LONGEST:
        return Fraction(int(plain))
    match = re.fullmatch(AMOUNT, plain) if len(text) <= 2 * _LONGEST else None
    return amount(match) if match else None


def read_count(text: str, where: str) -> Fraction:
    """The value of a text that must be a count, without a unit of bytes; `where` starts the error message.

    Raises:
        UsageError: the text is not a count.
    """
    number = read_amount(text)
    if number is not None and in_bytes(text):
        raise UsageError(f"{where}: expected a count, not bytes: write {without_bytes(text)}")
    if number is None:
        raise UsageError(f"{where}: {_explain_refusal(text)}")
    return number


def _explain_refusal(text: str) -> str:
    """What is wrong with a text that is not a number, with the nearest valid spelling."""
    try:
        numeral(text)
    except OverflowError as error:
        return str(error)
    near = nearest_amount(text)
    return "expected a number, such as 1,000, 2k or 4.11G" + (f": {ask(near)}" if near else "")


def in_bytes(text: str) -> bool:
    """Whether the text of an amount ends in a unit of bytes: `4KB`, `4 KiB`, `4B`."""
    return text.endswith("B")


def without_bytes(text: str, after: str = "") -> str:
    """The suggestion for a count written in bytes: '4K' for `4KB`; a lone B most likely means billions."""
    scale = text[len(text.rstrip("kKMGTiB")) :]
    count = scale.rstrip("iB") or "G"
    return f"'{text.removesuffix(scale)}{count}{after}'" + (" for billions" if scale == "B" else "")


def nearest_amount(text: str) -> str | None:
    """The amount that was probably meant: `512MB` for `512mb`, `5M` for `5 million`, `1,000,000` for `1.000.000`."""
    match = re.fullmatch(r"([0-9][0-9.,_' ]*?)\s*([A-Za-z]*)", text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        return None
    digits = _normalize_digits(match[1])
    word = match[2]
    scale = word if word in SCALES else _LOWERED.get(word.lower()) or _WORDS.get(word.lower().rstrip("."))
    scale = nearest(word, SCALES) if scale is None else scale
    meant = f"{digits}{scale or ''}"
    return meant if scale is not None and meant != text.strip() and read_amount(meant) is not None else None


def _normalize_digits(digits: str) -> str:
    """The digits with commas between groups of three and a point before the decimals."""
    grouped = re.fullmatch(r"[0-9]{1,3}(?:([.,_' ])[0-9]{3})(?:\1[0-9]{3})*", digits)
    if grouped and (grouped[1] != "." or digits.count(".") > 1):
        return digits.replace(grouped[1], ",")
    return digits.replace(",", ".") if digits.count(",") == 1 and "." not in digits else digits


def amount_text(count: Size | None, exact: bool = False) -> str:
    """Three digits and a unit from a million up (4.09 G); all digits below that, if `exact`, and for closed forms."""
    if count is None:
        return UNKNOWN
    if not exact and isinstance(count, int):
        for index, (unit, letter) in enumerate(UNITS):
            if abs(count) >= unit:
                text = three_digits(count / unit)
                return f"{text} {letter}" if text != "1000" or not index else f"1.00 {UNITS[index - 1][1]}"
    return count_text(count)


def difference_text(count: Size, exact: bool = True) -> str:
    """A signed difference: +22,227,968."""
    text = amount_text(count, exact)
    return f"+{text}" if isinstance(count, int) and count > 0 else text.replace("-", "−", 1)
