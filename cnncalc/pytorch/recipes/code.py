"""Write the code of a term: the exporter lays it out on lines, the builder runs it as it is."""

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
from cnncalc.visible import COMMAND_WITHIN

SIMPLE = re.compile(r"-?\w+")
_ESCAPE_OR_MARK = re.compile(r'\\.|"')
_MARKS = {"\\'": "'", '"': '\\"'}
TENSORS = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Bracketed:
    """Items between a head with an opening bracket and a tail that closes it; `open`: always a line per item."""

    head: str
    items: tuple[Doc, ...]
    tail: str
    open: bool = False
    comma: str = ","

    @property
    def is_call(self) -> bool:
        """Whether a formatter may keep all items on one line between the brackets; not for a list or dict."""
        return self.tail.startswith(")")


Doc: TypeAlias = str | Bracketed


def flat(doc: Doc) -> str:
    """Return the code on one line."""
    if isinstance(doc, str):
        return doc
    return doc.head + f"{doc.comma} ".join(map(flat, doc.items)) + doc.tail


def add_prefix(prefix: str, doc: Doc) -> Doc:
    """Return the code with a prefix, such as `name=`."""
    return prefix + doc if isinstance(doc, str) else replace(doc, head=prefix + doc.head)


def tensor_names(count: int) -> list[str]:
    """Return names for the input tensors of a forward pass: x, y, z, x4, …"""
    return [*TENSORS[:count], *(f"x{number}" for number in range(len(TENSORS) + 1, count + 1))]


def is_default(slot: Slot, default: Any) -> bool:  # noqa: ANN401
    """Return whether an argument can be omitted because its value is PyTorch's default."""
    return default is not MISSING and bool(slot.value == default)


class Code:
    """Writes terms; `own` is the code of the layer's module, `reads` that of its input tensors."""

    def __init__(self, own: str = "", reads: Sequence[Doc] = ()) -> None:
        self.own = own
        self.reads = reads

    def doc(self, term: Term) -> Doc:
        """Return the code of a term."""
        if isinstance(term, Text):
            return term.text
        if isinstance(term, Read):
            return self.reads[term.index]
        if isinstance(term, Slot | Hole):
            return self.value(term)
        if isinstance(term, Call):
            return self.call(self.own if isinstance(term.function, Own) else term.function, term)
        if isinstance(term, Listed):
            return self._list(term)
        if isinstance(term, Infix):
            return f" {term.sign} ".join(flat(self.doc(item)) for item in term.items)
        if isinstance(term, Method):
            return flat(write_call(f"{flat(self.doc(term.target))}.{term.name}", self.arguments(term.arguments)))
        parts = ", ".join(_slice([None if b is None else flat(self.doc(b)) for b in part]) for part in term.parts)
        return f"{flat(self.doc(term.target))}{term.attribute}[{parts}]"

    def value(self, place: Slot | Hole) -> Doc:
        """Return the code of a value."""
        assert isinstance(place, Slot)
        return write_value(place.value)

    def is_left_out(self, place: Slot | Hole, default: Any) -> bool:  # noqa: ANN401
        """Return whether an argument with this default can be omitted."""
        assert isinstance(place, Slot)
        return is_default(place, default)

    def call(self, name: str, term: Call) -> Doc:
        """Return the code of a call."""
        return write_call(name, self.arguments(term.arguments))

    def arguments(self, arguments: tuple[Arg, ...]) -> list[Doc]:
        """Return the code of the arguments that differ from their defaults."""
        docs = []
        for argument in arguments:
            if isinstance(argument.term, Slot | Hole) and self.is_left_out(argument.term, argument.default):
                continue
            doc = self.doc(argument.term)
            docs.append(add_prefix(f"{argument.name}=", doc) if argument.name else doc)
        return docs

    def _list(self, term: Listed) -> Doc:
        docs = [self.doc(item) for item in term.items]
        if term.names:
            entries = tuple(add_prefix(f"{literal(name)}: ", doc) for name, doc in zip(term.names, docs, strict=True))
            return Bracketed("{", entries, "}")
        if not term.brackets:
            return ", ".join(map(flat, docs))
        if term.brackets == "()":
            return f"({', '.join(map(flat, docs))}{',' if len(docs) == 1 else ''})"
        return Bracketed(term.brackets[0], tuple(docs), term.brackets[1])


def write_call(name: str, arguments: list[Doc]) -> Doc:
    """Return a call of `name` with these arguments."""
    return Bracketed(f"{name}(", tuple(arguments), ")") if arguments else f"{name}()"


def literal(value: Any) -> str:  # noqa: ANN401
    """Return the literal for a value as a formatter writes it."""
    if isinstance(value, str):
        # Beside both marks, `repr` writes apostrophes around a text, and so escapes each one within, and no other mark.
        inside = repr(value + "'\"")[1:-1].removesuffix("\\'\"")
        inside = _ESCAPE_OR_MARK.sub(lambda found: _MARKS.get(found[0], found[0]), inside)
        return '"' + re.sub(COMMAND_WITHIN, r"\\x23", inside) + '"'
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def write_value(value: Any) -> Doc:  # noqa: ANN401
    """Return the code of a value; a list can be split at its brackets."""
    return Bracketed("[", tuple(map(write_value, value)), "]") if isinstance(value, list) else literal(value)


def _slice(bounds: list[str | None]) -> str:
    """Return a slice, with spaces around its colons if a bound is more than a name or a number."""
    parts = ["" if bound is None else bound for bound in bounds]
    if len(parts) == 1:
        return parts[0]
    if all(SIMPLE.fullmatch(part) or not part for part in parts):
        return ":".join(parts)
    return " : ".join(parts).strip()
