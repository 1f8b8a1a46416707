"""Closed forms as plain data, for programs in other languages: JSON that needs no parser of expressions and no `eval`.

A form is a list of terms; a term is `[factor, atom, atom, …]`, the product of a factor and of atoms, each as often as
its power says. A factor is a text, since JavaScript's numbers are exact to 2^53 only. An atom is an index into one
table for all forms, in which an atom follows those that it needs: `"H"` is a symbol, `["//", form, divisor]` a floor
division, `["min", form, …]` and `["max", form, …]` an extremum.

`cnncalc/page/forms.js` evaluates them.
"""

from __future__ import annotations

from typing import TypeAlias

from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Symbol, Terms
from cnncalc.symbolic.expr import Size, as_terms

Form: TypeAlias = list[list[str | int]]
AtomRecord: TypeAlias = str | list[str | Form]


class Encoder:
    """Encodes forms; what they share is in `atoms` once."""

    def __init__(self) -> None:
        self.atoms: list[AtomRecord] = []
        self._places: dict[Atom, int] = {}

    def form(self, size: Size) -> Form:
        """Encode a size; a constant has at most one term, without atoms."""
        return self._polynomial(as_terms(size))

    def _polynomial(self, terms: Terms) -> Form:
        return [[str(factor), *map(self._place, monomial)] for monomial, factor in terms.items()]

    def _place(self, atom: Atom) -> int:
        if atom not in self._places:
            record = self._record(atom)
            self._places[atom] = len(self.atoms)
            self.atoms.append(record)
        return self._places[atom]

    def _record(self, atom: Atom) -> AtomRecord:
        if isinstance(atom, Symbol):
            return atom.name
        if isinstance(atom, Floor):
            return ["//", self._polynomial(atom.argument), str(atom.divisor)]
        assert isinstance(atom, Extremum)
        return [atom.kind, *map(self._polynomial, atom.arguments)]
