"""Cheap bounds of a polynomial over all values of its symbols, each an integer ≥ 1.

Two lower bounds are tried and the better one taken; an upper bound is a lower bound of the negative.

- *Shifted*: every atom is its own bound plus some t ≥ 0. Written in those t, positive terms are at least 0.
  So x² − x = t² + t ≥ 0.
- *Relaxed*: a floor is its quotient less a remainder, ⌊a/m⌋ = (a − r)/m with 0 ≤ r < m, which lets a's terms cancel
  against the others; the bound is then rounded up to an integer. So ⌊(x+2)/3⌋ − ⌊x/3⌋ ≥ (2 − 2)/3 = 0.
"""

from __future__ import annotations

from functools import lru_cache

from cnncalc.budget import spend
from cnncalc.records import NamedTuple
from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Monomial, Symbol, Terms
from cnncalc.symbolic.polynomials import add, compose, multiply, scale, sole_atom


class Relaxation(NamedTuple):
    """scale·value = terms + e for some integer e with low ≤ e ≤ high, on all integers."""

    scale: int
    terms: Terms
    low: int
    high: int


def relax(terms: Terms) -> Relaxation:
    """Replace each floor that is a term by itself by its quotient and a bounded remainder."""
    multiple, low, high = 1, 0, 0
    while floor := _outermost_floor(terms):
        factor, divisor = terms[(floor,)], floor.divisor
        rest = {other: divisor * value for other, value in terms.items() if other != (floor,)}
        terms = add(rest, floor.argument, factor)
        slack = factor * (divisor - 1)
        low, high = divisor * low - max(slack, 0), divisor * high - min(slack, 0)
        multiple *= divisor
    return Relaxation(multiple, terms, low, high)


def _outermost_floor(terms: Terms) -> Floor | None:
    """A floor that is a term by itself and inside no other such floor; inner ones must first meet its terms."""
    floors = [monomial[0] for monomial in terms if len(monomial) == 1 and isinstance(monomial[0], Floor)]
    return max(floors, key=lambda floor: floor.depth, default=None)


def lower(terms: Terms) -> int | None:
    """An integer lower bound of the polynomial; None if none is found."""
    shifted = _lower_by_shifting(terms)
    relaxed = _lower_by_relaxing(terms)
    if shifted is None or relaxed is None:
        return relaxed if shifted is None else shifted
    return max(shifted, relaxed)


def upper(terms: Terms) -> int | None:
    """An integer upper bound of the polynomial; None if none is found."""
    negative = lower(scale(terms, -1))
    return None if negative is None else -negative


def _lower_by_relaxing(terms: Terms) -> int | None:
    relaxation = relax(terms)
    if relaxation.scale == 1:
        return None
    least = _lower_by_shifting(relaxation.terms)
    return None if least is None else -((-least - relaxation.low) // relaxation.scale)


def _lower_by_shifting(terms: Terms) -> int | None:
    shifted = shift(terms)
    if shifted is None:
        return None
    total = 0
    for monomial, factor in shifted.items():
        if not monomial:
            total += factor
        elif factor < 0:
            most = _room(monomial)
            if most is None:
                return None
            total += factor * most
    return total


def shift(terms: Terms) -> Terms | None:
    """The polynomial in t ≥ 0, where every atom is its lower bound + t, or else its upper bound − t.

    In the result each atom stands for its t. None if an atom has no bound at all.
    """
    only = sole_atom(terms)
    if only is not None:
        anchored = _shift_atom(only)
        return anchored and compose(terms, only, anchored.get((), 0), anchored[(only,)])
    spend(sum(1 + len(monomial) ** 2 for monomial in terms), "closed forms")
    total: Terms = {}
    for monomial, factor in terms.items():
        product: Terms = {(): factor}
        for atom in monomial:
            anchored = _shift_atom(atom)
            if anchored is None:
                return None
            product = multiply(product, anchored)
        for each, coefficient in product.items():
            total[each] = total.get(each, 0) + coefficient
    return {monomial: factor for monomial, factor in total.items() if factor}


def _shift_atom(atom: Atom) -> Terms | None:
    low, high = interval(atom)
    if low is not None:
        return {(): low, (atom,): 1} if low else {(atom,): 1}
    if high is not None:
        return {(): high, (atom,): -1} if high else {(atom,): -1}
    return None


def _room(monomial: Monomial) -> int | None:
    """The largest product of the atoms' t; None if one of them is unbounded."""
    product = 1
    for atom in monomial:
        low, high = interval(atom)
        if low is None or high is None:
            return None
        product *= high - low
    return product


@lru_cache(maxsize=4096)
def interval(atom: Atom) -> tuple[int | None, int | None]:
    """The lower and the upper bound of an atom, each None if unknown."""
    if isinstance(atom, Floor):
        low, high = lower(atom.argument), upper(atom.argument)
        return _floor_bound(low, atom.divisor), _floor_bound(high, atom.divisor)
    if isinstance(atom, Extremum):
        return _extremum_interval(atom)
    assert isinstance(atom, Symbol)
    return 1, None


def _floor_bound(bound: int | None, divisor: int) -> int | None:
    return None if bound is None else bound // divisor


def _extremum_interval(atom: Extremum) -> tuple[int | None, int | None]:
    lows = [lower(argument) for argument in atom.arguments]
    highs = [upper(argument) for argument in atom.arguments]
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    if atom.kind == "min":
        every = min(known_lows) if len(known_lows) == len(lows) else None
        return every, min(known_highs, default=None)
    every = max(known_highs) if len(known_highs) == len(highs) else None
    return max(known_lows, default=None), every
