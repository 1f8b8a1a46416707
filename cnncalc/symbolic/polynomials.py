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
        degree = max(map(len, left)) + max(map(len, right))  # the longer a monomial, the longer its product takes
        spend(products * (1 + degree // 16), "closed forms")
    total: Terms = {}
    for left_monomial, left_factor in left.items():
        for right_monomial, right_factor in right.items():
            monomial = _product(left_monomial, right_monomial)
            total[monomial] = total.get(monomial, 0) + left_factor * right_factor
    return {monomial: factor for monomial, factor in total.items() if factor}


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
