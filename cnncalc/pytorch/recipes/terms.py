"""The code of one layer as a tree, in which the values that may differ from layer to layer are slots.

A recipe writes `Slot`s, with the values of one node. `punched` takes the values out and leaves numbered `Hole`s: what
remains is equal for nodes that do the same with other numbers, and can be compared and hashed. Terms are not changed;
they are not frozen because that would double the time that a recipe takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

MISSING: Any = object()


@dataclass(slots=True, unsafe_hash=True)
class Text:
    """Code as it stands."""

    text: str


@dataclass(slots=True, unsafe_hash=True)
class Read:
    """A tensor that the layer reads, by number."""

    index: int = 0


@dataclass(slots=True, unsafe_hash=True)
class Own:
    """The module that is registered under the layer's name: what a `Call` of it calls."""


@dataclass(slots=True, unsafe_hash=True)
class Slot:
    """A value, and the name of the field that it is for."""

    value: Any
    hint: str


@dataclass(slots=True, unsafe_hash=True)
class Hole:
    """The place of a value."""

    index: int
    hint: str


@dataclass(slots=True, unsafe_hash=True)
class Arg:
    """An argument of a call: by position where it has no name; left out where every value is the default."""

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
    """Terms in brackets; a name before each makes a dict of them."""

    items: tuple[Term, ...]
    brackets: str = "[]"
    names: tuple[str, ...] = ()


@dataclass(slots=True, unsafe_hash=True)
class Infix:
    """Terms with a sign between them."""

    sign: str
    items: tuple[Term, ...]


@dataclass(slots=True, unsafe_hash=True)
class Indexed:
    """A part of a tensor, or of an attribute of it: bounds per dimension."""

    target: Term
    parts: tuple[tuple[Term | None, ...], ...]
    attribute: str = ""


Term: TypeAlias = Text | Read | Slot | Hole | Call | Method | Listed | Infix | Indexed


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value as the code writes it: one number where every axis has the same, a float for a fraction."""
    if isinstance(value, tuple):
        entries = tuple(map(plain, value))
        return entries[0] if entries and entries.count(entries[0]) == len(entries) else entries
    return float(value) if isinstance(value, Fraction) else value


def punched(term: Term, values: list[Any]) -> Term:
    """The term with a hole for every slot; the values of the slots are added to the list."""

    def put(slot: Slot) -> Hole:
        values.append(slot.value)
        return Hole(len(values) - 1, slot.hint)

    mapped: Term = _mapped(term, put)
    return mapped


def _mapped(term: Any, put: Callable[[Slot], Hole]) -> Any:  # noqa: ANN401
    if isinstance(term, Slot):
        return put(term)
    if isinstance(term, tuple):
        return tuple(_mapped(entry, put) for entry in term)
    if isinstance(term, Arg):
        return replace(term, term=_mapped(term.term, put))
    if isinstance(term, Call):
        return replace(term, arguments=_mapped(term.arguments, put))
    if isinstance(term, Method):
        return replace(term, target=_mapped(term.target, put), arguments=_mapped(term.arguments, put))
    if isinstance(term, Listed | Infix):
        return replace(term, items=_mapped(term.items, put))
    if isinstance(term, Indexed):
        return replace(term, target=_mapped(term.target, put), parts=_mapped(term.parts, put))
    return term


# --- short forms -----------------------------------------------------------------------------------------------------

X = Read(0)


def given(value: Any, hint: str) -> Arg:  # noqa: ANN401
    """A value by position."""
    return Arg(Slot(plain(value), hint))


def named(name: str, value: Any, default: Any = MISSING) -> Arg:  # noqa: ANN401
    """A value by name, left out where it is the default."""
    return Arg(Slot(plain(value), name), name, default)


def call(function: str | Own, *arguments: Arg | Term) -> Call:
    """A call; a bare term is an argument by position."""
    return Call(function, tuple(a if isinstance(a, Arg) else Arg(a) for a in arguments))


def each(values: tuple[int, ...] | list[int], hint: str) -> Listed:
    """Numbers in parentheses, each a slot of its own."""
    return Listed(tuple(Slot(value, hint) for value in values), "()")
