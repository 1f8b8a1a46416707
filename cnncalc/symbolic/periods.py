"""Degree and period of a polynomial over floors, as a quasi-polynomial in one symbol.

With x = period·t + r, and the other symbols fixed, such a form is for each r a polynomial in t with integer
coefficients, of at most `degree`. That is the invariant: it holds for a symbol (period 1), passes to sums and products
over the lcm of the periods, and to ⌊e/m⌋ because with m times e's period every coefficient of t but the constant one is
a multiple of m.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, lcm

from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Monomial, Symbol, Terms
from cnncalc.symbolic.undecidable import Undecidable


def degree(terms: Terms, name: str) -> int:
    """The degree of the form in the symbol, as a quasi-polynomial."""
    return max((sum(_atom_degree(atom, name) for atom in monomial) for monomial in terms), default=0)


def period(terms: Terms, name: str) -> int:
    """A number of steps of the symbol after which every remainder inside the form repeats."""
    return lcm(*(_monomial_period(monomial, name) for monomial in terms))


def _monomial_period(monomial: Monomial, name: str) -> int:
    return lcm(*(_atom_period(atom, name) for atom in monomial))


@lru_cache(maxsize=4096)
def _atom_degree(atom: Atom, name: str) -> int:
    if name not in atom.symbols:
        return 0
    if isinstance(atom, Floor):
        return degree(atom.argument, name)
    _refuse_extremum(atom)
    return 1


@lru_cache(maxsize=4096)
def _atom_period(atom: Atom, name: str) -> int:
    if name not in atom.symbols or isinstance(atom, Symbol):
        return 1
    _refuse_extremum(atom)
    assert isinstance(atom, Floor)
    # A factor that c shares with the divisor need not repeat: c·q mod m has the period of q mod m/gcd(c, m).
    return lcm(
        *(
            atom.divisor // gcd(factor, atom.divisor) * _monomial_period(monomial, name)
            for monomial, factor in atom.argument.items()
            if any(name in inner.symbols for inner in monomial)
        )
    )


def _refuse_extremum(atom: Atom) -> None:
    if isinstance(atom, Extremum):
        raise Undecidable(f"a {atom.kind} has no period: it is compared by cases")
