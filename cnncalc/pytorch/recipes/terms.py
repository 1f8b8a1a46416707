"""Terms: the code of one layer as a tree, in which the values that may differ between layers are slots.

A recipe writes `Slot`s, with the values of one node. `punch_holes` replaces them by numbered `Hole`s: the term left
is equal for nodes that differ only in these values, and can be compared and hashed. Terms are never mutated; they are
not frozen because that would double the time to create a recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

MISSING: Any = object()


@dataclass(slots=True, unsafe_hash=True)
class Text:
    """Code, verbatim."""

    text: str


@dataclass(slots=True, unsafe_hash=True)
class Read:
    """An input tensor of the layer, by index."""

    index: int = 0


@dataclass(slots=True, unsafe_hash=True)
class Own:
    """The module registered under the layer's name, as the function of a `Call`."""


@dataclass(slots=True, unsafe_hash=True)
class Slot:
    """A value, and the name of its field."""

    value: Any
    hint: str


@dataclass(slots=True, unsafe_hash=True)
class Hole:
    """The place of a value."""

    index: int
    hint: str


@dataclass(slots=True, unsafe_hash=True)
class Arg:
    """An argument of a call, positional if it has no name; omitted if every value is the default."""

    term: Term
    name: str = ""
    default: Any = MISSING


@dataclass(slots=True, unsafe_hash=True)
class Call:
    """A call of a function, a class, or the layer's own module."""

    function: str | Own
    arguments: tuple[Arg, ...]


@dataclass(slots=True, unsafe_hash=True)
class Method:
    """A call of a method."""

    target: Term
    name: str
    arguments: tuple[Arg, ...]


@dataclass(slots=True, unsafe_hash=True)
class Listed:
    """Terms in brackets; with names, a dict."""

    items: tuple[Term, ...]
    brackets: str = "[]"
    names: tuple[str, ...] = ()


@dataclass(slots=True, unsafe_hash=True)
class Infix:
    """Terms joined by an operator."""

    sign: str
    items: tuple[Term, ...]


@dataclass(slots=True, unsafe_hash=True)
class Indexed:
    """An index into a tensor or one of its attributes: the bounds per dimension."""

    target: Term
    parts: tuple[tuple[Term | None, ...], ...]
    attribute: str = ""


Term: TypeAlias = Text | Read | Slot | Hole | Call | Method | Listed | Infix | Indexed


def plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as the code writes it: one number if all axes are equal, a float for a fraction."""
    if isinstance(value, tuple):
        entries = tuple(map(plain, value))
        return entries[0] if entries and entries.count(entries[0]) == len(entries) else entries
    return float(value) if isinstance(value, Fraction) else value


def punch_holes(term: Term, values: list[Any]) -> Term:
    """Return the term with a hole for every slot, and append the values of the slots to `values`."""

    def put(slot: Slot) -> Hole:
        values.append(slot.value)
        return Hole(len(values) - 1, slot.hint)

    mapped: Term = _map_slots(term, put)
    return mapped


def _map_slots(term: Any, put: Callable[[Slot], Hole]) -> Any:  # noqa: ANN401
    if isinstance(term, Slot):
        return put(term)
    if isinstance(term, tuple):
        return tuple(_map_slots(entry, put) for entry in term)
    if isinstance(term, Arg):
        return replace(term, term=_map_slots(term.term, put))
    if isinstance(term, Call):
        return replace(term, arguments=_map_slots(term.arguments, put))
    if isinstance(term, Method):
        return replace(term, target=_map_slots(term.target, put), arguments=_map_slots(term.arguments, put))
    if isinstance(term, Listed | Infix):
        return replace(term, items=_map_slots(term.items, put))
    if isinstance(term, Indexed):
        return replace(term, target=_map_slots(term.target, put), parts=_map_slots(term.parts, put))
    return term


# --- short forms -----------------------------------------------------------------------------------------------------

X = Read(0)


def positional(value: Any, hint: str) -> Arg:  # noqa: ANN401
    """Return a positional argument."""
    return Arg(Slot(plain(value), hint))


def keyword(name: str, value: Any, default: Any = MISSING) -> Arg:  # noqa: ANN401
    """Return a keyword argument, omitted if it is the default."""
    return Arg(Slot(plain(value), name), name, default)


def call(function: str | Own, *arguments: Arg | Term) -> Call:
    """Return a call; a bare term is a positional argument."""
    return Call(function, tuple(a if isinstance(a, Arg) else Arg(a) for a in arguments))


def each(values: tuple[int, ...] | list[int], hint: str) -> Listed:
    """Return numbers in parentheses, each with its own slot."""
    return Listed(tuple(Slot(value, hint) for value in values), "()")
