"""Safe, exact arithmetic for the fields of a spec: rationals, no floats, no eval.

A text is compiled once into nested closures over a scope; nothing in it can reach Python. Every error points at the
characters that caused it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from cnncalc.errors import ExpressionError
from cnncalc.expression.values import Place, Value, cut, show
from cnncalc.limits import LONGEST_EXPRESSION
from cnncalc.records import NamedTuple

if TYPE_CHECKING:
    from cnncalc.expression.closures import Run, Scope

__all__ = ["Expression", "Value", "evaluate", "interpolate", "parse"]


class Expression:
    """A compiled expression: its text, the names that it reads, and `evaluate`."""

    __slots__ = ("_run", "names", "text")

    def __init__(self, text: str, names: frozenset[str], run: Run) -> None:
        self.text = text
        self.names = names
        self._run = run

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, scope: Scope) -> Value:
        """The value for the names in this scope; raises ExpressionError."""
        return self._run(scope)


def evaluate(text: str, scope: Scope) -> Value:
    """The value of an expression in this scope; raises ExpressionError."""
    return parse(text).evaluate(scope)


@lru_cache(maxsize=4096)
def parse(text: str, scaled: bool = False) -> Expression:
    """The compiled expression; with `scaled`, `5M` means five million. Raises ExpressionError."""
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(
            f"the expression is longer than {LONGEST_EXPRESSION:,} characters",
            offset=LONGEST_EXPRESSION,
            width=len(text) - LONGEST_EXPRESSION,
        )
    from cnncalc.expression.compiler import Compiler  # many specs have no expression
    from cnncalc.expression.tokens import tokens

    compiler = Compiler(tokens(text, scaled))
    run = compiler.whole()
    return Expression(text, frozenset(compiler.names), run)


def interpolate(text: str, scope: Scope) -> str:
    """The text with every `{expression}` replaced by its value; error offsets are relative to the whole text."""
    if "{" not in text and "}" not in text:
        return text
    return "".join(piece if isinstance(piece, str) else piece.fill(scope) for piece in _pieces(text))


class _Gap(NamedTuple):
    """One `{expression}` in a text; `offset` is where the expression begins."""

    offset: int
    expression: Expression

    def fill(self, scope: Scope) -> str:
        text = self.expression.text
        place = Place(self.offset, self.offset + len(text))
        try:
            value = self.expression.evaluate(scope)
        except ExpressionError as error:
            error.offset += self.offset
            raise
        if isinstance(value, list):
            raise place.error(f"a list in a name: {cut(show(value))}", "pick one item: x[0]")
        shown = show(value)
        if isinstance(value, Fraction) and "/" in shown:
            raise place.error(f"{cut(shown)} in a name: only whole and decimal numbers are allowed")
        return shown


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str | _Gap, ...]:
    pieces: list[str | _Gap] = []
    place = 0
    while (start := text.find("{", place)) >= 0:
        end = text.find("}", start)
        if end < 0:
            raise Place(start, start + 1).error("'{' is never closed", "close it with '}'")
        pieces += [_literal(text, place, start), _gap(text[start + 1 : end], start + 1)]
        place = end + 1
    return (*pieces, _literal(text, place, len(text)))


def _gap(text: str, offset: int) -> _Gap:
    try:
        return _Gap(offset, parse(text))
    except ExpressionError as error:
        error.offset += offset
        raise


def _literal(text: str, start: int, end: int) -> str:
    stray = text.find("}", start, end)
    if stray >= 0:
        raise Place(stray, stray + 1).error("unmatched '}'")
    return text[start:end]
