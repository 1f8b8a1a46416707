"""The code of a term: the exporter lays it out on lines, the builder runs it as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from cnncalc.pytorch.recipes.terms import (
    MISSING,
    Arg,
    Call,
    Hole,
    Infix,
    Listed,
    Method,
    Own,
    Read,
    Slot,
    Term,
    Text,
)

SIMPLE = re.compile(r"-?\w+")
TENSORS = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Bracketed:
    """Items between a head that opens a bracket and a tail that closes it; `open` asks for a line per item."""

    head: str
    items: tuple[Doc, ...]
    tail: str
    open: bool = False
    comma: str = ","

    @property
    def is_call(self) -> bool:
        """Whether it may be opened and still have its items on one line; a list or a dict may not."""
        return self.tail.startswith(")")


Doc: TypeAlias = str | Bracketed


def flat(doc: Doc) -> str:
    """The code on one line."""
    if isinstance(doc, str):
        return doc
    return doc.head + f"{doc.comma} ".join(map(flat, doc.items)) + doc.tail


def prefixed(prefix: str, doc: Doc) -> Doc:
    """The code with something before it: `name=`."""
    return prefix + doc if isinstance(doc, str) else replace(doc, head=prefix + doc.head)


def tensor_names(count: int) -> list[str]:
    """What so many tensors are called that a forward pass is given: x, y, z, x4, …"""
    return [*TENSORS[:count], *(f"x{number}" for number in range(len(TENSORS) + 1, count + 1))]


def is_default(slot: Slot, default: Any) -> bool:  # noqa: ANN401
    """Whether an argument can be left out, since PyTorch means its value anyway."""
    return default is not MISSING and bool(slot.value == default)


class Code:
    """The code around a term: what calls its own module, and what the tensors that it reads are called."""

    def __init__(self, own: str = "", reads: Sequence[Doc] = ()) -> None:
        self.own = own
        self.reads = reads

    def doc(self, term: Term) -> Doc:
        """The code of a term."""
        if isinstance(term, Text):
            return term.text
        if isinstance(term, Read):
            return self.reads[term.index]
        if isinstance(term, Slot | Hole):
            return self.value(term)
        if isinstance(term, Call):
            return self.call(self.own if isinstance(term.function, Own) else term.function, term)
        if isinstance(term, Listed):
            return self._listed(term)
        if isinstance(term, Infix):
            return f" {term.sign} ".join(flat(self.doc(item)) for item in term.items)
        if isinstance(term, Method):
            return flat(called(f"{flat(self.doc(term.target))}.{term.name}", self.arguments(term.arguments)))
        parts = ", ".join(_bounds([None if b is None else flat(self.doc(b)) for b in part]) for part in term.parts)
        return f"{flat(self.doc(term.target))}{term.attribute}[{parts}]"

    def value(self, place: Slot | Hole) -> Doc:
        """The code of a value."""
        assert isinstance(place, Slot)
        return listing(place.value)

    def is_left_out(self, place: Slot | Hole, default: Any) -> bool:  # noqa: ANN401
        """Whether an argument with this default can be left out."""
        assert isinstance(place, Slot)
        return is_default(place, default)

    def call(self, name: str, term: Call) -> Doc:
        """The code of a call."""
        return called(name, self.arguments(term.arguments))

    def arguments(self, arguments: tuple[Arg, ...]) -> list[Doc]:
        """The code of the arguments that have to be given."""
        found = []
        for argument in arguments:
            if isinstance(argument.term, Slot | Hole) and self.is_left_out(argument.term, argument.default):
                continue
            doc = self.doc(argument.term)
            found.append(prefixed(f"{argument.name}=", doc) if argument.name else doc)
        return found

    def _listed(self, term: Listed) -> Doc:
        docs = [self.doc(item) for item in term.items]
        if term.names:
            entries = tuple(prefixed(f"{literal(name)}: ", doc) for name, doc in zip(term.names, docs, strict=True))
            return Bracketed("{", entries, "}")
        if not term.brackets:
            return ", ".join(map(flat, docs))
        if term.brackets == "()":
            return f"({', '.join(map(flat, docs))}{',' if len(docs) == 1 else ''})"
        return Bracketed(term.brackets[0], tuple(docs), term.brackets[1])


def called(name: str, arguments: list[Doc]) -> Doc:
    """A call with these arguments."""
    return Bracketed(f"{name}(", tuple(arguments), ")") if arguments else f"{name}()"


def literal(value: Any) -> str:  # noqa: ANN401
    """A value as a formatter writes it."""
    if isinstance(value, str):
        return '"' + repr(value)[1:-1].replace('"', '\\"').replace("\\'", "'") + '"'
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def listing(value: Any) -> Doc:  # noqa: ANN401
    """A value; a list may be opened at its brackets."""
    return Bracketed("[", tuple(map(listing, value)), "]") if isinstance(value, list) else literal(value)


def _bounds(bounds: list[str | None]) -> str:
    """A slice, with blanks around its colons where a bound is more than a name or a number."""
    parts = ["" if bound is None else bound for bound in bounds]
    if len(parts) == 1:
        return parts[0]
    if all(SIMPLE.fullmatch(part) or not part for part in parts):
        return ":".join(parts)
    return " : ".join(parts).strip()
