"""The spelling of scalars: plain if YAML and our reader take them literally, else in double quotes."""

from __future__ import annotations

import json
import re
from fractions import Fraction

_FLOW_SIGNS = re.compile(r"[,\[\]{}]")
_NOT_PLAIN = re.compile(r"""(?x) \A [-?:] (?:\s|\Z)   # an entry of a list or a key
    | \A [,\[\]{}\#&*!|>'"%@`=<~] | \A --- | \A \.\.\.
    | :(?:\s|\Z) | \s\# | \A\s | \s\Z | \A\Z""")
# Characters that YAML forbids, line separators, and marks that change the direction of the text around them.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_FINE = 10_000  # numbers below about 10 / this are written with an exponent


def quote(text: str) -> str:
    """A text in double quotes."""
    return _ESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


def plain(text: str, flow: bool = False) -> bool:
    """Whether a text can be written without quotes, inside or outside brackets."""
    return text.isprintable() and not _NOT_PLAIN.search(text) and not (flow and _FLOW_SIGNS.search(text))


def as_word(text: str) -> str:
    """A text as a scalar, quoted if necessary."""
    return text if plain(text) else quote(text)


def in_flow(word: str) -> str:
    """A word as written inside brackets, where some plain words need quotes."""
    return quote(word) if word and word[0] not in "\"'*&" and _FLOW_SIGNS.search(word) else word


def number(value: int | Fraction) -> str:
    """An exact number: `4096`, `0.05`, `1e-5`, or a quotient if no decimal is exact."""
    if isinstance(value, int) or value.denominator == 1:
        return str(int(value))
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = abs(value.numerator) * 10**places // value.denominator
    sign = "-" if value < 0 else ""
    if abs(value) * _FINE < 10:
        mantissa = str(digits)
        point = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
        return f"{sign}{mantissa[0]}{point}e-{places - len(mantissa) + 1}"
    whole, part = divmod(digits, 10**places)
    return f"{sign}{whole}.{part:0{places}d}"
