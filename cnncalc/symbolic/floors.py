"""Floor division of a polynomial by a positive integer, and the rewrites that keep it in normal form.

All of them hold for all integers, including negative ones (a minimum inside still requires symbols ≥ 1):

- multiples leave the floor, so that every coefficient inside lies in [0, m):  ⌊3x/2⌋ = x + ⌊x/2⌋
- a common factor cancels:  ⌊(g·x + r)/(g·m)⌋ = ⌊(x + ⌊r/g⌋)/m⌋
- a chain of floors is one:  ⌊(⌊x/m⌋ + n)/k⌋ = ⌊(x + m·n)/(m·k)⌋
- a floor goes into a minimum or maximum:  ⌊(min(a, b) + c)/m⌋ = min(⌊(a + c)/m⌋, ⌊(b + c)/m⌋)
"""

from __future__ import annotations

from math import gcd

from cnncalc.symbolic.atoms import Floor, Terms, floor_atom
from cnncalc.symbolic.extrema import distribute, extremum, outer_extremum
from cnncalc.symbolic.polynomials import add, single


def floor(terms: Terms, divisor: int) -> Terms:
    """⌊terms / divisor⌋ for divisor ≥ 1, in normal form."""
    whole, inside = _split(terms, divisor)
    common = gcd(divisor, *(factor for monomial, factor in inside.items() if monomial))
    if common > 1:
        inside = {monomial: factor // common for monomial, factor in inside.items() if monomial or factor >= common}
        divisor //= common
    if divisor == 1:
        return add(whole, inside)
    return add(whole, _floor_of_reduced(inside, divisor))


def _split(terms: Terms, divisor: int) -> tuple[Terms, Terms]:
    """The polynomial as quotient and remainder by the divisor, coefficient by coefficient."""
    whole: Terms = {}
    inside: Terms = {}
    for monomial, factor in terms.items():
        quotient, remainder = divmod(factor, divisor)
        if quotient:
            whole[monomial] = quotient
        if remainder:
            inside[monomial] = remainder
    return whole, inside


def _floor_of_reduced(inside: Terms, divisor: int) -> Terms:
    """The floor, given coefficients in [0, divisor) without a factor in common with it."""
    chained = _merge_chain(inside, divisor)
    if chained is not None:
        return chained
    nested = outer_extremum(inside)
    if nested is not None:
        return extremum(nested.kind, [floor(part, divisor) for part in distribute(nested, inside)])
    return single(floor_atom(inside, divisor))


def _merge_chain(inside: Terms, divisor: int) -> Terms | None:
    """A floor of a floor as one floor, if the inner one has coefficient 1; else None."""
    inner = _unit_floor(inside)
    if inner is None:
        return None
    rest = {monomial: inner.divisor * factor for monomial, factor in inside.items() if monomial != (inner,)}
    return floor(add(inner.argument, rest), inner.divisor * divisor)


def _unit_floor(inside: Terms) -> Floor | None:
    floors = [
        monomial[0]
        for monomial, factor in inside.items()
        if factor == 1 and len(monomial) == 1 and isinstance(monomial[0], Floor)
    ]
    return min(floors, key=lambda atom: atom.order, default=None)
