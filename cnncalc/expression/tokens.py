"""Tokenizes an expression, with hints for operators of other languages."""

from __future__ import annotations

import re
from collections.abc import Container
from fractions import Fraction
from functools import cache

from cnncalc.errors import ExpressionError
from cnncalc.quantities.numerals import numeral, plain_number
from cnncalc.records import NamedTuple
from cnncalc.suggest import ask

# A text is cut up by hand: to compile a pattern for it takes longer than to read the expressions of a network.
_BLANKS = " \t\r\n"
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_IN_A_WORD = _LETTERS | _DIGITS
_AFTER_A_NUMBER = _IN_A_WORD | {"."}
_SIGNS = frozenset({"**", "//", "<=", ">=", "==", "!=", *"-+*/%()<>[],"})
KEYWORDS = frozenset({"and", "or", "not", "if", "else"})

_HINTS = {
    "&&": "write 'and'", "||": "write 'or'", "!": "write 'not'", "&": "write 'and'", "|": "write 'or'",
    "^": "write '**' for a power", "=": "write '==' to compare", "?": "write 'a if condition else b'",
    ":": "slices are not supported", ".": "a point is allowed only in numbers",
    "$": "'$name' is only allowed as the key of an item", "~": "write 'not'", "→": "write plain ASCII",
    "×": "write '*'", "·": "write '*'", "∗": "write '*'", "÷": "write '/'", "∕": "write '/'", "−": "write '-'",
    "–": "write '-'", "—": "write '-'", "≥": "write '>='", "≤": "write '<='", "≠": "write '!='", "²": "write '**2'",
    "³": "write '**3'", "⌊": "write floor(…)", "⌋": "write floor(…)", "⌈": "write ceil(…)", "⌉": "write ceil(…)",
    "“": "write a straight quote", "”": "write a straight quote", "‘": "write a straight quote",
    "’": "write a straight quote", "\u00a0": "write a plain space", "√": "write '** (1/2)' if the root is exact",
    "½": "write 1/2", "¼": "write 1/4", "'": "close the quote", '"': "close the quote",
    "{": "use '{…}' only in names", "}": "use '{…}' only in names", "@": "write '*'",
}  # fmt: skip
_PAIRS = frozenset({"&&", "||"})


class Token(NamedTuple):
    """One token; `kind` is number, name, text, end, or, for operators and keywords, the token itself."""

    kind: str
    value: int | Fraction | str
    start: int
    end: int


def tokens(text: str, scaled: bool = False) -> list[Token]:
    """The tokens of a text, ending with an end token; raises ExpressionError at the first invalid character.

    With `scaled`, a number may be any amount: 5M, 1.5MiB; outside brackets also 5,000.
    """
    words: list[Token] = []
    place = 0
    while True:
        if scaled and (amount := _amount(text, place, words)):
            words.append(amount)
            place = amount.end
            continue
        words.append(_token(text, _end_of(text, place, _BLANKS), scaled))
        place = words[-1].end
        if words[-1].kind == "end":
            return words


def _token(text: str, start: int, scaled: bool) -> Token:
    """The token that begins at `start`, where there is no blank."""
    first = text[start : start + 1]
    if not first:
        return Token("end", "", start, start)
    if first in _LETTERS:
        end = _end_of(text, start, _IN_A_WORD)
        word = text[start:end]
        return Token(word if word in KEYWORDS else "name", word, start, end)
    if first in _DIGITS or (first == "." and text[start + 1 : start + 2] in _DIGITS):
        return _number(text, start, scaled)
    if first in "'\"" and (end := text.find(first, start + 1)) >= 0:
        return Token("text", text[start + 1 : end], start, end + 1)
    for width in (2, 1):
        sign = text[start : start + width]
        if sign in _SIGNS:
            return Token(sign, sign, start, start + len(sign))
    raise _unknown_sign(text, start)


def _end_of(text: str, start: int, characters: Container[str]) -> int:
    """The place after all characters of this kind from `start` on."""
    while start < len(text) and text[start] in characters:
        start += 1
    return start


@cache
def _amounts() -> re.Pattern[str]:
    from cnncalc.quantities.amounts import AMOUNT  # not needed for the fields of a spec

    return re.compile(rf"[ \t\r\n]*(?P<all>{AMOUNT})(?![A-Za-z_0-9.])")


def _amount(text: str, place: int, before: list[Token]) -> Token | None:
    """The amount with a scale or grouped digits at this place; None if there is none."""
    from cnncalc.quantities.amounts import amount

    match = _amounts().match(text, place)
    if match is None or not (match["scale"] or re.search("[,_]", match["number"])):
        return None
    start, end = match.span("all")
    depth = sum((word.kind in ("(", "[")) - (word.kind in (")", "]")) for word in before)
    if depth > 0 and "," in match["number"]:
        if ",0" not in match["number"]:
            return None  # two arguments, or items of a list
        hint = f"write {match['number'].replace(',', '')}"
        raise ExpressionError("within brackets a comma ends a number", offset=start, width=end - start, hint=hint)
    number = amount(match)
    return None if number is None else Token("number", plain_number(number), start, end)


def _number(text: str, start: int, scaled: bool) -> Token:
    """The number that begins at `start`; letters, digits and points that follow it are an error."""
    end = _end_of(text, start, _DIGITS)
    if text[end : end + 1] == ".":
        end = _end_of(text, end + 1, _DIGITS)
    if text[end : end + 1] in ("e", "E"):
        exponent = end + 1 + (text[end + 1 : end + 2] in ("+", "-"))
        stop = _end_of(text, exponent, _DIGITS)
        end = stop if stop > exponent else end
    stop = _end_of(text, end, _AFTER_A_NUMBER)
    word, tail = text[start:stop], text[end:stop]
    try:
        value = None if tail else numeral(word)
    except OverflowError as error:
        raise ExpressionError(str(error), offset=start, width=len(word)) from None
    if value is None:
        hint = (_nearest_amount(word) if scaled else None) or _number_hint(word, tail)
        raise ExpressionError(f"'{_short(word)}' is not a number", offset=start, width=len(word), hint=hint)
    return Token("number", value, start, stop)


def _nearest_amount(word: str) -> str | None:
    from cnncalc.quantities.amounts import nearest_amount

    near = nearest_amount(word)
    return ask(near) if near else None


def _number_hint(word: str, tail: str) -> str | None:
    digits = word.replace("_", "")
    if not tail:
        return f"a leading zero: write {word.lstrip('0') or '0'}"
    if digits.isdecimal():
        return f"write {digits}"
    before = word[: len(word) - len(tail)]
    if re.fullmatch(r"(?:x[0-9]+)+", tail):
        return f"write [{', '.join(word.split('x'))}] for sizes" if before != "0" else "write it in decimal"
    if tail.startswith((".", "_")):
        return None
    return f"write {before} {tail}" if tail in KEYWORDS else f"write {before}*{tail}"


def _unknown_sign(text: str, place: int) -> ExpressionError:
    sign = text[place : place + 2] if text[place : place + 2] in _PAIRS else text[place]
    if sign in "'\"":
        return ExpressionError("this quote is never closed", offset=place, width=1, hint=_HINTS[sign])
    hint = _HINTS.get(sign)
    if hint is None and not sign.isascii():
        hint = "use ASCII names and operators"
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return ExpressionError(f"'{shown}' has no meaning in an expression", offset=place, width=len(sign), hint=hint)


def _short(word: str) -> str:
    return word if len(word) <= 30 else word[:29] + "…"
