"""Formats polynomials: plain (valid in a spec's expressions), with mathematical signs, or in LaTeX.

    plain     16*((H + 4)//16) - 188
    unicode   16·⌊(H+4)/16⌋ − 188
    latex     16 \\left\\lfloor \\frac{H+4}{16} \\right\\rfloor - 188

Terms come highest degree first, then in alphabetical order, the constant last.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Literal

from cnncalc.records import NamedTuple
from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Monomial, Symbol, Terms
from cnncalc.symbolic.polynomials import as_atom

Style = Literal["plain", "unicode", "latex"]
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Signs(NamedTuple):
    """The operators of one style."""

    minus: str
    times: str
    relations: dict[str, str]


SIGNS: dict[Style, Signs] = {
    "plain": Signs("-", "*", {}),
    "unicode": Signs("−", "·", {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}),
    "latex": Signs("-", " ", {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge"}),
}


def render_terms(terms: Terms, style: Style = "plain", gap: str = " ") -> str:
    """The polynomial as text; `gap` is put on both sides of plus and minus."""
    if not terms:
        return "0"
    minus = SIGNS[style].minus
    text = ""
    for monomial in sorted(terms, key=_reading_order):
        factor = terms[monomial]
        if text:
            text += f"{gap}{minus if factor < 0 else '+'}{gap}" + _term(abs(factor), monomial, style)
        elif factor < 0:
            text = minus + _term(-factor, monomial, style, negated=True)
        else:
            text = _term(factor, monomial, style)
    return text


def _reading_order(monomial: Monomial) -> tuple[int, list[Any]]:
    return -sum(map(_degree, monomial)), [atom.order for atom in monomial]


def _degree(atom: Atom) -> int:
    """The total degree of an atom; a floor has the degree of its argument."""
    if isinstance(atom, Floor):
        return _total_degree(atom.argument)
    if isinstance(atom, Extremum):
        return max(map(_total_degree, atom.arguments))
    return 1


def _total_degree(terms: Terms) -> int:
    return max((sum(map(_degree, monomial)) for monomial in terms), default=0)


def _term(factor: int, monomial: Monomial, style: Style, *, negated: bool = False) -> str:
    """One term without its sign. In Python a sign binds before `//`, so a negated floor needs parentheses."""
    powers = [(atom, len(list(run))) for atom, run in groupby(monomial)]
    bare = len(monomial) == 1 and factor == 1 and not negated
    factors = [_power(_atom(atom, style, bare=bare), count, style) for atom, count in powers]
    numbers = [str(factor)] if factor != 1 or not factors else []
    return SIGNS[style].times.join(numbers + factors)


def _power(base: str, exponent: int, style: Style) -> str:
    if exponent == 1:
        return base
    if style == "plain":
        return "*".join([base] * exponent)
    return f"{base}^{{{exponent}}}" if style == "latex" else base + str(exponent).translate(_SUPERSCRIPTS)


def _atom(atom: Atom, style: Style, *, bare: bool) -> str:
    if isinstance(atom, Symbol):
        return _name(atom.name) if style == "latex" else atom.name
    if isinstance(atom, Extremum):
        kind = rf"\{atom.kind}" if style == "latex" else atom.kind
        ordered = sorted(atom.arguments, key=lambda argument: -_total_degree(argument))  # constants last
        return f"{kind}({', '.join(render_terms(argument, style) for argument in ordered)})"
    assert isinstance(atom, Floor)
    return _floor(atom, style, bare=bare)


def _floor(atom: Floor, style: Style, *, bare: bool) -> str:
    simple = isinstance(as_atom(atom.argument), Symbol)
    argument = render_terms(atom.argument, style, gap=" " if style == "plain" else "")
    if style == "latex":
        return rf"\left\lfloor \frac{{{argument}}}{{{atom.divisor}}} \right\rfloor"
    quotient = f"{argument if simple else f'({argument})'}{'//' if style == 'plain' else '/'}{atom.divisor}"
    if style == "unicode":
        return f"⌊{quotient}⌋"
    return quotient if bare else f"({quotient})"


def _name(name: str) -> str:
    """A symbol in LaTeX: one letter with digits as a subscript; a word in upright type."""
    if len(name) == 1:
        return name
    if name[1:].isdigit() and name[0].isalpha():
        return f"{name[0]}_{{{name[1:]}}}"
    return rf"\mathrm{{{name}}}".replace("_", r"\_")
