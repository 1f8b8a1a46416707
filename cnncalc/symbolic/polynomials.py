"""Polynomial arithmetic on the dicts of `atoms`, which are never mutated and never contain a zero coefficient."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any

from cnncalc.budget import spend
from cnncalc.limits import WORK_LIMIT
from cnncalc.symbolic.atoms import Atom, Monomial, Terms
from cnncalc.symbolic.undecidable import Undecidable

FEW_PRODUCTS = 64  # not worth counting

_order = attrgetter("order")


def constant(value: int) -> Terms:
    """The polynomial that is this integer."""
    return {(): value} if value else {}


def single(atom: Atom) -> Terms:
    """The polynomial that is this atom."""
    return {(atom,): 1}


def as_atom(terms: Terms) -> Atom | None:
    """The atom that this polynomial is; None if it is anything else."""
    if len(terms) != 1:
        return None
    ((monomial, factor),) = terms.items()
    return monomial[0] if factor == 1 and len(monomial) == 1 else None


def add(left: Terms, right: Terms, factor: int = 1) -> Terms:
    """left + factor·right, for a non-zero factor."""
    total = dict(left)
    for monomial, coefficient in right.items():
        value = total.get(monomial, 0) + factor * coefficient
        if value:
            total[monomial] = value
        else:
            del total[monomial]
    return total


def scale(terms: Terms, factor: int) -> Terms:
    """factor·terms."""
    return {monomial: factor * coefficient for monomial, coefficient in terms.items()} if factor else {}


@lru_cache(maxsize=1 << 16)
def _product(left: Monomial, right: Monomial) -> Monomial:
    return tuple(sorted(left + right, key=_order))


def multiply(left: Terms, right: Terms) -> Terms:
    """left·right."""
    products = len(left) * len(right)
    if products > FEW_PRODUCTS:
        if products > WORK_LIMIT:
            raise Undecidable(f"the product of {len(left)} by {len(right)} terms is too long to work out")
        atom = sole_atom(left, right)
        if atom is not None:
            return _multiply_powers(atom, left, right)
        degree = max(map(len, left)) + max(map(len, right))  # the longer a monomial, the longer its product takes
        spend(products * (2 + degree // 6), "closed forms")
    total: Terms = {}
    for left_monomial, left_factor in left.items():
        for right_monomial, right_factor in right.items():
            monomial = _product(left_monomial, right_monomial)
            total[monomial] = total.get(monomial, 0) + left_factor * right_factor
    return {monomial: factor for monomial, factor in total.items() if factor}


def sole_atom(*polynomials: Terms) -> Atom | None:
    """The atom of which every monomial is a power, 1 included; None if there are several, or none."""
    ends = (monomial[end] for terms in polynomials for monomial in terms if monomial for end in (0, -1))
    atom = next(ends, None)
    return atom if all(end is atom for end in ends) else None  # monomials are sorted


def compose(terms: Terms, atom: Atom, start: int, factor: int) -> Terms:
    """A polynomial in one atom with start + factor·atom in place of the atom, by Horner's scheme."""
    degree = max(map(len, terms))
    spend(degree * degree, "closed forms")
    composed: list[int] = []
    for power_of_atom in range(degree, -1, -1):
        raised = [0, *(factor * coefficient for coefficient in composed)]
        for place, coefficient in enumerate(composed):
            raised[place] += start * coefficient
        raised[0] += terms.get((atom,) * power_of_atom, 0)
        composed = raised
    return {(atom,) * place: coefficient for place, coefficient in enumerate(composed) if coefficient}


def _multiply_powers(atom: Atom, left: Terms, right: Terms) -> Terms:
    """left·right, both in powers of one atom: by degrees, since a long monomial is slow to find in a dict."""
    spend(len(left) * len(right), "closed forms")
    total: dict[int, int] = {}
    factors = [(len(monomial), factor) for monomial, factor in right.items()]
    for monomial, left_factor in left.items():
        low = len(monomial)
        for high, right_factor in factors:
            degree = low + high
            total[degree] = total.get(degree, 0) + left_factor * right_factor
    spend(sum(total) // 16, "closed forms")
    return {(atom,) * degree: factor for degree, factor in total.items() if factor}


def power(terms: Terms, exponent: int) -> Terms:
    """terms to a small non-negative power."""
    result = constant(1)
    for _ in range(exponent):
        result = multiply(result, terms)
    return result


def divide(numerator: Terms, denominator: Terms) -> Terms | None:
    """The exact quotient of two polynomials; None if the division is not exact."""
    leading = max(denominator, key=_graded_order)
    quotient: Terms = {}
    rest = numerator
    while rest:
        top = max(rest, key=_graded_order)
        monomial = _without(top, leading)
        factor, over = divmod(rest[top], denominator[leading])
        if monomial is None or over:
            return None
        quotient[monomial] = factor
        rest = add(rest, multiply({monomial: factor}, denominator), -1)
    return quotient


def _graded_order(monomial: Monomial) -> tuple[int, list[Any]]:
    """Degree first, then the atoms: an order preserved by multiplication with a monomial, as long division needs."""
    return len(monomial), [atom.order for atom in monomial]


def _without(monomial: Monomial, factor: Monomial) -> Monomial | None:
    left = list(monomial)
    for atom in factor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)
