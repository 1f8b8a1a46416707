"""Decides whether two sizes are equal for all values of their symbols: refuted by samples, then proved or undecided."""

from __future__ import annotations

from math import gcd, prod

from cnncalc.limits import WORK_LIMIT
from cnncalc.symbolic.atoms import Extremum, Terms, symbols_of
from cnncalc.symbolic.evaluation import evaluate_columns, replace_atom
from cnncalc.symbolic.expr import Relation, Size, as_terms, compare
from cnncalc.symbolic.extrema import innermost_extremum
from cnncalc.symbolic.periods import degree, period
from cnncalc.symbolic.polynomials import add
from cnncalc.symbolic.undecidable import LIGHT_WORK_LIMIT, Undecidable

SAMPLES = 64
_MODULUS = 2_147_483_647


def equal(left: Size, right: Size) -> bool:
    """Whether the two are equal for all values of their symbols; raises Undecidable if the proof takes too much
    work.
    """
    return _vanishes(add(as_terms(left), as_terms(right), -1))


def prove_equal(left: Size, right: Size) -> bool | Relation:
    """True if equality is proved, False if inequality for all values is proved, else the relation."""
    bounded = compare(left, "==", right)
    if isinstance(bounded, bool):
        return bounded
    difference = add(as_terms(left), as_terms(right), -1)
    if difference.get((), 0) % gcd(*(factor for monomial, factor in difference.items() if monomial)):
        return False
    try:
        return _vanishes(difference) or (False if _has_no_solution(bounded) else bounded)
    except Undecidable:
        return bounded


def _has_no_solution(relation: Relation) -> bool:
    """Whether a relation in one symbol has no solution."""
    from cnncalc.symbolic.sieve import solve

    return len(relation.symbols) == 1 and not solve([relation], limit=LIGHT_WORK_LIMIT)


def _vanishes(terms: Terms) -> bool:
    if terms.keys() <= {()}:
        return not terms
    if any(_sample_values(terms)):
        return False
    extremum = innermost_extremum(terms)
    if extremum is not None:
        return _vanishes_by_cases(terms, extremum)
    return not any(_proving_values(terms))


def _sample_values(terms: Terms) -> list[int]:
    """The values at sample points, from small to large, the same in every run."""
    state = 1
    columns: dict[str, list[int]] = {}
    for name in sorted(symbols_of(terms)):
        columns[name] = []
        for index in range(SAMPLES):
            state = state * 48271 % _MODULUS  # Park and Miller's generator
            columns[name].append(1 + state % (8 << index // 2))
    return evaluate_columns(terms, columns, SAMPLES)


def _proving_values(terms: Terms) -> list[int]:
    """The values on a grid with degree + 1 points per residue class of every symbol; all are zero only for the form
    0.
    """
    names = sorted(symbols_of(terms))
    sides = [period(terms, name) * (degree(terms, name) + 1) for name in names]
    points = prod(sides)
    if points > WORK_LIMIT:
        raise Undecidable(
            f"proving an equality in {', '.join(names)} would take {points} points, more than {WORK_LIMIT}"
        )
    columns, run = {}, points
    for name, side in zip(names, sides, strict=True):
        run //= side
        columns[name] = [value for value in range(1, side + 1) for _ in range(run)] * (points // (run * side))
    return evaluate_columns(terms, columns, points)


def _vanishes_by_cases(terms: Terms, extremum: Extremum) -> bool:
    """Whether the form is zero whichever argument is the extremum; undecided if it is zero for only some."""
    for argument in extremum.arguments:
        if not _vanishes(replace_atom(terms, extremum, argument)):
            raise Undecidable(f"equality across a {extremum.kind} could not be decided case by case")
    return True
