"""Evaluates polynomials at one point, at many points at once, or with symbols substituted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Symbol, Terms, symbol_atom
from cnncalc.symbolic.extrema import extremum
from cnncalc.symbolic.floors import floor
from cnncalc.symbolic.polynomials import add, multiply, single

Columns = Mapping[str, Sequence[int]]


def evaluate(terms: Terms, point: Mapping[str, int]) -> int:
    """The value of the polynomial at this point; raises KeyError for a symbol without a value."""
    return _value(terms, point, {})


def _value(terms: Terms, point: Mapping[str, int], known: dict[Atom, int]) -> int:
    total = 0
    for monomial, factor in terms.items():
        for atom in monomial:
            if atom not in known:
                known[atom] = _atom_value(atom, point, known)
            factor *= known[atom]
        total += factor
    return total


def _atom_value(atom: Atom, point: Mapping[str, int], known: dict[Atom, int]) -> int:
    if isinstance(atom, Symbol):
        return point[atom.name]
    if isinstance(atom, Floor):
        return _value(atom.argument, point, known) // atom.divisor
    assert isinstance(atom, Extremum)
    values = [_value(argument, point, known) for argument in atom.arguments]
    return min(values) if atom.kind == "min" else max(values)


def evaluate_columns(terms: Terms, columns: Columns, length: int) -> list[int]:
    """The values at `length` points, given one column of values per symbol: much faster than one by one."""
    return evaluate_all([terms], columns, length)[0]


def evaluate_all(forms: Sequence[Terms], columns: Columns, length: int) -> list[list[int]]:
    """The values of several polynomials at the same points; common parts are computed once."""
    known: dict[Atom, Sequence[int]] = {}
    return [_column(terms, columns, length, known) for terms in forms]


def _column(terms: Terms, columns: Columns, length: int, known: dict[Atom, Sequence[int]]) -> list[int]:
    total = [terms.get((), 0)] * length
    for monomial, factor in terms.items():
        if not monomial:
            continue
        values = _atom_column(monomial[0], columns, length, known)
        for atom in monomial[1:]:
            others = _atom_column(atom, columns, length, known)
            values = [value * other for value, other in zip(values, others, strict=True)]
        total = [so_far + factor * value for so_far, value in zip(total, values, strict=True)]
    return total


def _atom_column(atom: Atom, columns: Columns, length: int, known: dict[Atom, Sequence[int]]) -> Sequence[int]:
    if isinstance(atom, Symbol):
        return columns[atom.name]
    if atom not in known:
        if isinstance(atom, Floor):
            divisor = atom.divisor
            known[atom] = [value // divisor for value in _column(atom.argument, columns, length, known)]
        else:
            assert isinstance(atom, Extremum)
            arguments = [_column(argument, columns, length, known) for argument in atom.arguments]
            known[atom] = list(map(min if atom.kind == "min" else max, *arguments))
    return known[atom]


def substitute(terms: Terms, values: Mapping[str, Terms]) -> Terms:
    """The polynomial with the named symbols replaced."""
    return _replace_atoms(terms, {symbol_atom(name): value for name, value in values.items()})


def replace_atom(terms: Terms, atom: Atom, value: Terms) -> Terms:
    """The polynomial with every occurrence of one atom replaced."""
    return _replace_atoms(terms, {atom: value})


def _replace_atoms(terms: Terms, known: dict[Atom, Terms]) -> Terms:
    total: Terms = {}
    for monomial, factor in terms.items():
        product: Terms = {(): factor}
        for atom in monomial:
            if atom not in known:
                known[atom] = _replace_in_atom(atom, known)
            product = multiply(product, known[atom])
        total = add(total, product)
    return total


def _replace_in_atom(atom: Atom, known: dict[Atom, Terms]) -> Terms:
    if isinstance(atom, Floor):
        return floor(_replace_atoms(atom.argument, known), atom.divisor)
    if isinstance(atom, Extremum):
        return extremum(atom.kind, [_replace_atoms(argument, known) for argument in atom.arguments])
    return single(atom)
