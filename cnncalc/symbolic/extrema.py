"""Minimum and maximum of polynomials, without arguments that are provably never the extremum."""

from __future__ import annotations

from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Kind, Terms, extremum_atom
from cnncalc.symbolic.bounds import lower
from cnncalc.symbolic.polynomials import add, constant, single


def extremum(kind: Kind, arguments: list[Terms]) -> Terms:
    """The minimum or maximum of one or more polynomials, for symbols ≥ 1.

    Nested extrema of one kind are merged: min(min(a, b) + 1, c) = min(a + 1, b + 1, c). An argument that is
    provably never beyond another is dropped, which also merges two floors with the same divisor and comparable
    arguments. The smallest constant is factored out.
    """
    spread = [part for argument in arguments for part in _flatten(kind, argument)]
    kept = _drop_dominated(kind, spread)
    if len(kept) == 1:
        return kept[0]
    common = constant(min(argument.get((), 0) for argument in kept))
    if not common:
        return single(extremum_atom(kind, kept))
    return add(common, single(extremum_atom(kind, [add(argument, common, -1) for argument in kept])))


def _flatten(kind: Kind, argument: Terms) -> list[Terms]:
    """The arguments of a nested extremum of the same kind, plus the constant added to it; else the argument itself."""
    nested = outer_extremum(argument)
    if nested is None or nested.kind != kind:
        return [argument]
    return distribute(nested, argument)


def outer_extremum(terms: Terms) -> Extremum | None:
    """The extremum, if the polynomial is one plus a constant; else None."""
    if len(terms) > 2:
        return None
    for monomial, factor in terms.items():
        if factor == 1 and len(monomial) == 1 and isinstance(monomial[0], Extremum) and terms.keys() <= {monomial, ()}:
            return monomial[0]
    return None


def distribute(nested: Extremum, terms: Terms) -> list[Terms]:
    """extremum(a, b) + c as the list a + c, b + c."""
    offset = {monomial: factor for monomial, factor in terms.items() if not monomial}
    return [add(part, offset) for part in nested.arguments]


def _drop_dominated(kind: Kind, arguments: list[Terms]) -> list[Terms]:
    kept: list[Terms] = []
    for argument in arguments:
        if any(_never_beyond(kind, argument, other) for other in kept):
            continue
        kept = [other for other in kept if not _never_beyond(kind, other, argument)]
        kept.append(argument)
    return kept


def _never_beyond(kind: Kind, argument: Terms, other: Terms) -> bool:
    """Whether `other` is always at least as extreme, so that `argument` can be dropped."""
    gap = add(argument, other, -1) if kind == "min" else add(other, argument, -1)
    least = lower(gap)
    return least is not None and least >= 0


def innermost_extremum(terms: Terms) -> Extremum | None:
    """An extremum whose arguments contain no other."""
    for monomial in terms:
        for atom in monomial:
            extremum = _extremum_within(atom)
            if extremum is not None:
                return extremum
    return None


def _extremum_within(atom: Atom) -> Extremum | None:
    if isinstance(atom, Floor):
        return innermost_extremum(atom.argument)
    if isinstance(atom, Extremum):
        deeper = [inner for argument in atom.arguments if (inner := innermost_extremum(argument)) is not None]
        return deeper[0] if deeper else atom
    return None
