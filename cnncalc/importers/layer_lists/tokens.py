"""Splits the text of a script into words, numbers, strings and signs, each with its place; comments are dropped."""

from __future__ import annotations

import re
from bisect import bisect_right
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from cnncalc.budget import spend
from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.quantities.numerals import LARGEST_SIZE

Number: TypeAlias = "int | Fraction"

# What is never closed ends with its line, or with the text: nothing is searched for twice.
_COMMON = (
    r"(?P<blank>\s+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_$][\w$]*)"
    r"""|(?P<string>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(?P<open>["'][^\n]*)"""
    r"|(?P<sign>\.\.\.?|[=~<>!]=|&&|\|\||.)"
)
_COMMENTS = {
    "lua": r"(?P<comment>--\[\[(?:(?!\]\]).)*(?:\]\]|\Z)|--[^\n]*)|",
    "js": r"(?P<comment>/\*(?:(?!\*/).)*(?:\*/|\Z)|//[^\n]*)|",
}
PATTERNS = {name: re.compile(comments + _COMMON, re.DOTALL) for name, comments in _COMMENTS.items()}
LONGEST_NUMERAL = 20  # signs of a number
SHOWN = 40  # signs of the text that a message shows


class Token(NamedTuple):
    """A word, a number, a string without its quotes, or a sign; `end` is that of the text, with an empty text."""

    kind: str
    text: str
    start: int


class Tokens:
    """The tokens of a script, read from first to last."""

    def __init__(self, source: Source, language: str) -> None:
        self.source = source
        self._lines = [0, *(match.end() for match in re.finditer("\n", source.text))]
        self._tokens = list(self._split(PATTERNS[language]))
        self._at = 0

    def _split(self, pattern: re.Pattern[str]) -> list[Token]:
        found = []
        for match in pattern.finditer(self.source.text):
            kind, text = str(match.lastgroup), match[0]
            if kind not in ("blank", "comment"):
                spend(1, "importing layers")
                found.append(Token(kind, text[1:-1] if kind == "string" else text, match.start()))
        found.append(Token("end", "", len(self.source.text)))
        return found

    @property
    def next(self) -> Token:
        """The token that `take` returns."""
        return self._tokens[self._at]

    @property
    def second(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, which is read; the last one is never past."""
        token = self.next
        self._at += token.kind != "end"
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs."""
        return self.next.kind in ("word", "sign") and self.next.text in texts

    def taken(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs; then it is read."""
        seen = self.sees(*texts)
        self._at += seen
        return seen

    def expect(self, text: str) -> Token:
        """Read this word or sign.

        Raises:
            SpecError: there is another.
        """
        token = self.next
        if not self.taken(text):
            raise self.fault(f"expected '{text}', got {shown(token)}", token)
        return token

    def span(self, token: Token) -> Span:
        """The place of a token."""
        line = bisect_right(self._lines, token.start)
        return Span(self.source, line, token.start - self._lines[line - 1] + 1, max(1, len(token.text)))

    def fault(self, message: str, token: Token, hint: str | None = None) -> SpecError:
        """An error at a token."""
        return SpecError([Fault(message, self.span(token), hint)])


def shown(token: Token) -> str:
    """A token, as a message names it."""
    return "the end of the file" if token.kind == "end" else f"'{token.text[:SHOWN]}'"


def number_of(tokens: Tokens, token: Token) -> Number:
    """The value of a number.

    Raises:
        SpecError: it has too many digits.
    """
    exponent = token.text.lower().partition("e")[2]
    if len(token.text) > LONGEST_NUMERAL or len(exponent) > 4 or abs(int(exponent or 0)) > 100:
        raise tokens.fault(f"a number of {len(token.text)} signs: too large", token)
    value = Fraction(token.text)
    return bounded(tokens, token, int(value) if value.denominator == 1 else value)


def bounded(tokens: Tokens, token: Token, value: Number) -> Number:
    """A number that is not too large to compute with.

    Raises:
        SpecError: it is.
    """
    if max(abs(value.numerator), value.denominator) > max(LARGEST_SIZE, 10**100 if value.denominator > 1 else 0):
        raise tokens.fault("a number that is too large", token)
    return value
