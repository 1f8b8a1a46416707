"""The atoms of a closed form: a symbol, a floor division, a minimum or a maximum; and the polynomials over them.

A polynomial is a plain dict from monomials to non-zero integer coefficients. A monomial is a tuple of atoms in their
fixed order, each as often as its power says: H²·W is `(H, H, W)`, the constant is `()`.

Atoms are interned: while one is alive, an equal one is the same object. So the atoms of a monomial are hashed and
compared by identity, which makes polynomial arithmetic fast.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

from cnncalc.limits import MOST_DIVISOR_BITS
from cnncalc.symbolic.undecidable import Undecidable


class Atom:
    """A factor of a monomial.

    `order` is a structural sort key, the same in every process; `depth` is the nesting depth of floors and extrema.
    """

    __slots__ = ("__weakref__", "depth", "order", "symbols")

    depth: int
    order: tuple[Any, ...]
    symbols: frozenset[str]


Monomial = tuple[Atom, ...]
Terms = dict[Monomial, int]
Kind = Literal["min", "max"]


class Symbol(Atom):
    """An unknown integer, at least 1: the height `H` of an input."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
        self.depth = 0
        self.order = (0, name)
        self.symbols = frozenset((name,))

    def __reduce__(self) -> tuple[Any, ...]:
        return symbol_atom, (self.name,)


class Floor(Atom):
    """⌊argument / divisor⌋, in the normal form that `floors.floor` returns."""

    __slots__ = ("argument", "divisor")

    def __init__(self, argument: Terms, divisor: int) -> None:
        if divisor.bit_length() > MOST_DIVISOR_BITS:
            raise Undecidable(
                f"a floor is divided by more than 2^{MOST_DIVISOR_BITS}: its closed form is too long to be written"
            )
        self.argument = argument
        self.divisor = divisor
        self.depth = 1 + _depth(argument)
        self.order = (1, divisor, terms_order(argument))
        self.symbols = symbols_of(argument)

    def __reduce__(self) -> tuple[Any, ...]:
        return floor_atom, (self.argument, self.divisor)


class Extremum(Atom):
    """The smallest (`min`) or the largest (`max`) of two or more polynomials."""

    __slots__ = ("arguments", "kind")

    def __init__(self, kind: Kind, arguments: tuple[Terms, ...]) -> None:
        self.kind: Kind = kind
        self.arguments = arguments
        self.depth = 1 + max(map(_depth, arguments))
        self.order = (2, kind, tuple(map(terms_order, arguments)))
        self.symbols = frozenset().union(*map(symbols_of, arguments))

    def __reduce__(self) -> tuple[Any, ...]:
        return extremum_atom, (self.kind, list(self.arguments))


def terms_order(terms: Terms) -> tuple[Any, ...]:
    """A sort key of a polynomial that depends only on its structure."""
    return tuple(sorted((tuple(atom.order for atom in monomial), factor) for monomial, factor in terms.items()))


def symbols_of(terms: Terms) -> frozenset[str]:
    """The names of all symbols in a polynomial, at any depth."""
    return frozenset().union(*(atom.symbols for monomial in terms for atom in monomial))


def _depth(terms: Terms) -> int:
    return max((atom.depth for monomial in terms for atom in monomial), default=0)


_AtomT = TypeVar("_AtomT", bound=Atom)
_interned: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()
_lock = Lock()


def _intern(key: Hashable, make: Callable[[], _AtomT]) -> _AtomT:
    known: _AtomT | None = _interned.get(key)
    if known is not None:
        return known
    fresh = make()
    with _lock:  # two threads must not create two objects for one atom
        kept: _AtomT = _interned.setdefault(key, fresh)
    return kept


def symbol_atom(name: str) -> Symbol:
    """The symbol with this name."""
    return _intern(name, lambda: Symbol(name))


def floor_atom(argument: Terms, divisor: int) -> Floor:
    """The floor of this argument, unsimplified; use `floors.floor` to simplify."""
    return _intern((divisor, frozenset(argument.items())), lambda: Floor(argument, divisor))


def extremum_atom(kind: Kind, arguments: list[Terms]) -> Extremum:
    """The minimum or maximum of these arguments, unsimplified; use `extrema.extremum` to simplify."""
    ordered = tuple(sorted(arguments, key=terms_order))
    key = (kind, tuple(frozenset(argument.items()) for argument in ordered))
    return _intern(key, lambda: Extremum(kind, ordered))
