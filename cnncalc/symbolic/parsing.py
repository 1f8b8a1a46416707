"""Plain notation back into a size: sums, products, floor quotients, `min` and `max` of names and integers.

`a // b` and `a % b` divide by an integer, or exactly by a form. Nothing is ever evaluated as Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cnncalc.symbolic.expr import MAX_EXPONENT, Size, maximum, minimum, symbol

MAX_LENGTH = 100_000
MAX_DEPTH = 60
MAX_DIGITS = 1000
MAX_BITS = 10_000

_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|//|[-+*%(),]))")
_FUNCTIONS: dict[str, Callable[..., Size]] = {"min": minimum, "max": maximum}


class NotationError(ValueError):
    """A text that is not a closed form in plain notation."""


def parse(text: str) -> Size:
    """The size that a text in plain notation says: the reverse of `str`.

    NotationError where it is none; Undecidable for a division by a form that is not exact.
    """
    if len(text) > MAX_LENGTH:
        raise NotationError(f"the expression has {len(text)} characters, more than {MAX_LENGTH}")
    reader = _Reader(_tokens(text))
    size = reader.sum()
    if reader.token:
        raise NotationError(f"{reader.token!r} is not expected in {text!r}")
    return size


def _tokens(text: str) -> list[str]:
    tokens = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotationError(f"{text[position:].strip()[0]!r} is not expected in {text!r}")
        tokens.append(match[match.lastgroup or 0])
        position = match.end()
    return tokens


class _Reader:
    """Recursive descent: one method per level of precedence, as in Python."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> str:
        """The next token, empty at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, which is then read."""
        token = self.token
        self.position += 1
        return token

    def expect(self, token: str) -> None:
        """Read exactly this token."""
        found = self.take()
        if found != token:
            raise NotationError(f"{token!r} is expected, not {found or 'the end'!r}")

    def sum(self) -> Size:
        """Terms joined by + and -."""
        total = self.product()
        while self.token in ("+", "-"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def product(self) -> Size:
        """Factors joined by `*`, `//` and `%`, from the left."""
        total = self.signed()
        while self.token in ("*", "//", "%"):
            total = _combined(total, self.take(), self.signed())
        return total

    def signed(self) -> Size:
        """A power, or a sign before one."""
        negative = False
        while self.token in ("+", "-"):
            negative ^= self.take() == "-"
        size = self.power()
        return -size if negative else size

    def power(self) -> Size:
        """A base, with an exponent that is a plain integer or without."""
        base = self.atom()
        if self.token != "**":
            return base
        self.take()
        return _raised(base, self.take())

    def atom(self) -> Size:
        """A number, a symbol, a call of min or max, or a sum in parentheses."""
        token = self.take()
        if token == "(":
            return self.enclosed()[0]
        if token[:1].isdigit():
            return _integer(token)
        if token in _FUNCTIONS:
            self.expect("(")
            return _FUNCTIONS[token](*self.enclosed(many=True))
        if token.isidentifier():
            return symbol(token)
        raise NotationError(f"a number or a name is expected, not {token or 'the end'!r}")

    def enclosed(self, *, many: bool = False) -> list[Size]:
        """What stands between parentheses, the first of which is read already."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotationError(f"parentheses are nested more than {MAX_DEPTH} deep")
        sizes = [self.sum()]
        while many and self.token == ",":
            self.take()
            sizes.append(self.sum())
        self.expect(")")
        self.depth -= 1
        return sizes


def _combined(left: Size, sign: str, right: Size) -> Size:
    if sign == "*":
        return left * right
    if right == 0:
        raise NotationError("a division by zero")
    return left // right if sign == "//" else left % right


def _raised(base: Size, exponent: str) -> Size:
    if not exponent.isdigit() or len(exponent) > 2 or int(exponent) > MAX_EXPONENT:
        raise NotationError(f"{exponent or 'the end'!r} is not an integer exponent of at most {MAX_EXPONENT}")
    if isinstance(base, int) and base.bit_length() * int(exponent) > MAX_BITS:
        raise NotationError(f"a power with exponent {exponent} is too large")
    return base ** int(exponent)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotationError(f"a number of {len(digits)} digits is too long")
    return int(digits)
