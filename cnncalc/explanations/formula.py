"""Formulas in letters or with numbers substituted, as text or as LaTeX.

>>> n, f, s, p = map(Letter, "NFSP")
>>> size = (n - f + 2 * p) / s + 1
>>> size.render(), size.render({"N": 227, "F": 11, "S": 4, "P": 0})
('(N − F + 2·P)/S + 1', '(227 − 11 + 2·0)/4 + 1')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from cnncalc.quantities.decimals import decimal_text
from cnncalc.records import Record
from cnncalc.symbolic import Expr, render

Style = Literal["plain", "unicode", "latex"]  # plain: as in a table of shapes, without grouped digits
Value: TypeAlias = "int | Fraction | Expr"
_LONG = re.compile(r"(?<![\d.])\d{4,}")  # of a whole number, or before the decimal point
SUM, PRODUCT, ATOM = range(3)  # how tightly a formula holds together


class Formula(Record):
    """Base class; formulas are built with + − · / from letters and integers."""

    def __add__(self, other: Formula | int) -> Formula:
        return Chain(SUM, self, "+", _formula(other))

    def __radd__(self, other: int) -> Formula:
        return Chain(SUM, Number(other), "+", self)

    def __sub__(self, other: Formula | int) -> Formula:
        return Chain(SUM, self, "−", _formula(other))

    def __mul__(self, other: Formula | int) -> Formula:
        return Chain(PRODUCT, self, "·", _formula(other))

    def __rmul__(self, other: int) -> Formula:
        return Chain(PRODUCT, Number(other), "·", self)

    def __truediv__(self, other: Formula | int) -> Formula:
        return Quotient(self, _formula(other))

    def letters(self) -> Iterator[str]:
        """The names of its letters, in order, each as often as it occurs."""
        for part in self.__dict__.values():
            if isinstance(part, Formula):
                yield from part.letters()

    def render(self, values: Mapping[str, Value] | None = None, style: Style = "plain") -> str:
        """The formula as text: in letters, or with values substituted."""
        return self.text(values or {}, style)[0]

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """The text and its binding level (SUM, PRODUCT or ATOM)."""
        raise NotImplementedError


class Letter(Formula):
    """A quantity named by a letter; LaTeX may write it differently (P_low → P_{low})."""

    name: str

    def letters(self) -> Iterator[str]:
        """Its name."""
        yield self.name

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """The value, if one is given; else the letter."""
        if self.name not in values:
            return (_latex_name(self.name) if style == "latex" else self.name), ATOM
        return _number(values[self.name], style)


class Number(Formula):
    """An integer constant of the formula."""

    value: int

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """The digits."""
        return str(self.value), ATOM


class Chain(Formula):
    """Two formulas joined by an operator."""

    level: int
    left: Formula
    sign: str
    right: Formula

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """Both sides, in parentheses only where needed."""
        left = _parenthesize(self.left.text(values, style), self.level, style)
        right = _parenthesize(
            self.right.text(values, style), self.level + (self.sign == "−" or self.level == PRODUCT), style
        )
        if self.level == SUM:
            sign = "-" if style == "latex" and self.sign == "−" else self.sign
            return f"{left} {sign} {right}", SUM
        return (rf"{left} \cdot {right}" if style == "latex" else f"{left}·{right}"), PRODUCT


class Quotient(Formula):
    """A fraction."""

    top: Formula
    bottom: Formula

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """`a/b`, or `\\frac{a}{b}`."""
        top, bottom = self.top.text(values, style), self.bottom.text(values, style)
        if style == "latex":
            return rf"\frac{{{top[0]}}}{{{bottom[0]}}}", ATOM
        return f"{_parenthesize(top, PRODUCT, style)}/{_parenthesize(bottom, ATOM, style)}", PRODUCT


class Rounded(Formula):
    """⌊a⌋ or ⌈a⌉."""

    inner: Formula
    up: bool = False

    def text(self, values: Mapping[str, Value], style: Style) -> tuple[str, int]:
        """The inner formula in floor or ceiling brackets."""
        low, high = ("⌈", "⌉") if self.up else ("⌊", "⌋")
        if style == "latex":
            low, high = (r"\left\lceil ", r" \right\rceil") if self.up else (r"\left\lfloor ", r" \right\rfloor")
        return f"{low}{self.inner.text(values, style)[0]}{high}", ATOM


def render_value(value: Value, style: Style = "unicode") -> str:
    """A result as text: grouped digits, an exact decimal if there is one, a closed form for symbols."""
    return _number(value, style)[0]


def product(factors: list[Formula]) -> Formula:
    """The product of the formulas; 1 if there are none."""
    result: Formula = factors[0] if factors else Number(1)
    for factor in factors[1:]:
        result = result * factor
    return result


def _latex_name(name: str) -> str:
    """P_low → P_{\\text{low}}; words are set upright: out → \\text{out}."""
    head, _, tail = name.partition("_")
    head = head if len(head) == 1 else rf"\text{{{head}}}"
    return f"{head}_{{{tail if len(tail) < 2 else rf'{chr(92)}text{{{tail}}}'}}}" if tail else head


def _formula(value: Formula | int) -> Formula:
    return value if isinstance(value, Formula) else Number(value)


def _parenthesize(text: tuple[str, int], level: int, style: Style) -> str:
    if text[1] >= level:
        return text[0]
    return rf"\left({text[0]}\right)" if style == "latex" else f"({text[0]})"


def _number(value: Value, style: Style) -> tuple[str, int]:
    if isinstance(value, Expr):
        text = _group(render(value, "latex" if style == "latex" else "unicode"), style)
        return text, SUM if " " in text else PRODUCT if "·" in text or "cdot" in text else ATOM
    if isinstance(value, Fraction) and value.denominator != 1:
        return _group(decimal_text(value, "…"), style), ATOM
    whole = int(value)
    text = _group(str(whole), style)
    return text.replace("-", "-" if style == "latex" else "−"), ATOM if whole >= 0 else SUM


def _group(text: str, style: Style) -> str:
    """The text with the digits of its whole numbers grouped."""
    if style == "plain":
        return text
    comma = "{,}" if style == "latex" else ","
    return _LONG.sub(lambda digits: f"{int(digits[0]):,}".replace(",", comma), text)
