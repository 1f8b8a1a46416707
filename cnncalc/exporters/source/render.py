"""From the term of a step to its code, in the constructor or in the forward pass."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cnncalc.exporters.source.layout import Bracketed, Doc, flat, prefixed
from cnncalc.exporters.source.parameters import ABSENT, Column, literal
from cnncalc.exporters.source.terms import (
    MISSING,
    Arg,
    Call,
    Hole,
    Indexed,
    Infix,
    Listed,
    Method,
    Own,
    Read,
    Term,
    Text,
)

SIMPLE = re.compile(r"-?\w+")
LONG_RUN = 3  # so many equal modules are said as a loop


@dataclass(frozen=True, slots=True)
class Renderer:
    """The code around a step: its module, the tensors it reads, and what its values are called."""

    column: Callable[[int], Column]
    express: Callable[[Column, str], str]
    own: str = ""
    reads: Sequence[Doc] = ()

    def doc(self, term: Term) -> Doc:
        """The code of a term."""
        if isinstance(term, Text):
            return term.text
        if isinstance(term, Read):
            return self.reads[term.index]
        if isinstance(term, Own):
            return flat(_called(self.own, list(self.reads)))
        if isinstance(term, Hole):
            text = self.express(self.column(term.index), term.hint)
            return listing(ast.literal_eval(text)) if text.startswith("[") else text
        if isinstance(term, Call):
            return self._call(term)
        if isinstance(term, Listed):
            return self._listed(term)
        assert not isinstance(term, Arg)
        return self._text(term)

    def _text(self, term: Term) -> str:
        """What is never broken."""
        if isinstance(term, Infix):
            return f" {term.sign} ".join(flat(self.doc(item)) for item in term.items)
        if isinstance(term, Method):
            return flat(_called(f"{flat(self.doc(term.target))}.{term.name}", self._arguments(term.arguments)))
        assert isinstance(term, Indexed)
        parts = ", ".join(_bounds([None if b is None else flat(self.doc(b)) for b in part]) for part in term.parts)
        return f"{flat(self.doc(term.target))}{term.attribute}[{parts}]"

    def _call(self, term: Call) -> Doc:
        name = self.own if isinstance(term.function, Own) else term.function
        arguments = self._arguments(term.arguments)
        if name in ("nn.Sequential", "OrderedDict"):
            return Bracketed(f"{name}(", tuple(compact(arguments)), ")", open=len(arguments) > 1)
        return _called(name, arguments)

    def _arguments(self, arguments: tuple[Arg, ...]) -> list[Doc]:
        found = []
        for argument in arguments:
            if isinstance(argument.term, Hole) and self._is_default(argument.term, argument.default):
                continue
            doc = self.doc(argument.term)
            found.append(prefixed(f"{argument.name}=", doc) if argument.name else doc)
        return found

    def _is_default(self, hole: Hole, default: Any) -> bool:  # noqa: ANN401
        column = self.column(hole.index) if default is not MISSING else ()
        return default is not MISSING and all(value == default for value in column if value is not ABSENT)

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


def listing(value: Any) -> Doc:  # noqa: ANN401
    """A list, which may be opened at its brackets."""
    return Bracketed("[", tuple(map(listing, value)), "]") if isinstance(value, list) else literal(value)


def compact(docs: list[Doc]) -> list[Doc]:
    """Equal modules one after the other as a loop."""
    found: list[Doc] = []
    for _, run in groupby(docs, flat):
        same = list(run)
        if len(same) < LONG_RUN:
            found += same
        else:
            found.append(Bracketed("*[", (same[0], f"for _ in range({len(same)})"), "]", comma=""))
    return found


def _called(name: str, arguments: list[Doc]) -> Doc:
    return Bracketed(f"{name}(", tuple(arguments), ")") if arguments else f"{name}()"


def _bounds(bounds: list[str | None]) -> str:
    """A slice, with blanks around its colons where a bound is more than a name or a number."""
    parts = ["" if bound is None else bound for bound in bounds]
    if len(parts) == 1:
        return parts[0]
    if all(SIMPLE.fullmatch(part) or not part for part in parts):
        return ":".join(parts)
    return " : ".join(parts).strip()
