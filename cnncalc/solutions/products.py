"""Solves a condition on the product of two sizes, such as ⌊H/16⌋·⌊W/16⌋ = 196 where the number of tokens is fixed.

The form L(H, W) is such a product if L(H, W)·L(h, w) = L(H, w)·L(h, W), here for the smallest h and w. Then every
solution has L(H, w) ≤ n, so that the sizes can be tried one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from cnncalc.quantities.sizes import times
from cnncalc.records import Record
from cnncalc.symbolic import Expr, Relation, Residues, Size, Undecidable, compare, render
from cnncalc.symbolic import solve as sieve

MOST_SIZES = 20_000  # tried per symbol


class Product(Record):
    """A condition `first·second = number`, and for each symbol whether it implies the bound that the symbol has."""

    relation: Relation
    factors: tuple[Expr, Expr]
    number: int
    solutions: Mapping[str, Residues]
    bounds: Mapping[str, bool]

    @property
    def text(self) -> str:
        """The condition as text: ⌊H/16⌋·⌊W/16⌋ = 196."""
        return f"{times(render(factor, 'unicode') for factor in self.factors).replace('×', '·')} = {self.number:,}"


def solve_product(relation: Relation, members: Mapping[str, Residues]) -> Product | None:
    """Solve the condition within the sizes given for its two symbols.

    Returns:
        The sizes of each symbol for which there is a size of the other; None if the condition is not an equation of a
        product and a number, or takes too much work.
    """
    form, number = relation.left, relation.right
    if isinstance(form, int):
        form, number = number, form
    names = sorted(relation.symbols)
    if relation.op != "==" or len(names) != 2 or not members.keys() >= set(names):
        return None
    if not isinstance(form, Expr) or not isinstance(number, int):
        return None
    try:
        return _solve(relation, form, number, (names[0], names[1]), members)
    except Undecidable:
        return None


def _solve(
    relation: Relation, form: Expr, number: int, names: tuple[str, str], members: Mapping[str, Residues]
) -> Product | None:
    least = {name: members[name].smallest or 0 for name in names}
    corner = form.evaluate(least) if all(least.values()) else 0
    along = {one: form.substitute({other: least[other]}) for one, other in (names, names[::-1])}
    first, second = along[names[0]], along[names[1]]
    if corner < 1 or not isinstance(first, Expr) or not isinstance(second, Expr) or form * corner != first * second:
        return None
    if not all(_grows(along[name], corner, members[name], least[name]) for name in names):
        return None
    values = {name: _values(along[name], number, members[name]) for name in names}
    solutions = {}
    for one, other in (names, names[::-1]):
        partners = {number * corner // value for value in values[other] if number * corner % value == 0}
        sizes = sorted(size for value in partners for size in values[one].get(value, ()))
        solutions[one] = Residues(one, residues=(), scattered=tuple(sizes))
    factors = _divide(first), _divide(second)
    inner = factors[0].evaluate(least) * factors[1].evaluate(least)
    bounds = {name: _implies_bound(along[name], members[name]) for name in names}
    return Product(relation, factors, number * inner // corner, solutions, bounds)


def _grows(form: Size, corner: int, members: Residues, least: int) -> bool:
    """Whether the form is nowhere less than at the smallest size."""
    below = sieve([compare(form, "<", corner)], members.symbol)
    return not below or (below.largest is not None and below.largest < least)


def _values(form: Size, number: int, members: Residues) -> dict[int, list[int]]:
    """Value of the form → the sizes that have it, for values up to the number.

    Raises:
        Undecidable: there are too many sizes.
    """
    within = sieve([compare(form, "<=", number)], members.symbol)
    if not within:
        return {}
    top = within.largest
    if top is None:
        raise Undecidable(f"{members.symbol} has no largest size")
    stop = top if members.stop is None else min(top, members.stop)
    run = members.classes_between(members.start, stop, MOST_SIZES) if members.residues else []
    sizes = [*members.scattered, *run]
    values: dict[int, list[int]] = {}
    for size in sizes:
        value = form.evaluate({members.symbol: size}) if isinstance(form, Expr) else form
        if value >= 1:
            values.setdefault(value, []).append(size)
    return values


def _implies_bound(form: Size, members: Residues) -> bool:
    """Whether the symbol has only a lower bound, below which the form is not positive."""
    if (members.modulus, members.residues, members.stop, members.scattered) != (1, (0,), None, ()):
        return False
    below = members.start - 1
    return below < 1 or (isinstance(form, Expr) and form.evaluate({members.symbol: below}) <= 0)


def _divide(form: Expr) -> Expr:
    """The form divided by the greatest common divisor of its coefficients."""
    divisor = gcd(*form.terms.values())
    return Expr({monomial: factor // divisor for monomial, factor in form.terms.items()})
