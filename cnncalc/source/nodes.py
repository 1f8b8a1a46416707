"""The nodes of a YAML text: every one knows its line and column."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Span


@dataclass(slots=True, eq=False)
class Scalar:
    """A word, a number or a text.

    `value` is, for a plain scalar, an int, a Fraction or a bool where the text spells one, and the text otherwise;
    for a quoted or block scalar always the text. A value left out (`relu:`) is the empty plain scalar.
    """

    text: str
    span: Span
    quoted: bool
    value: int | Fraction | bool | str

    @property
    def empty(self) -> bool:
        """Whether nothing was written here."""
        return not self.text and not self.quoted


@dataclass(slots=True, eq=False)
class Sequence:
    """A list; `flow` when it is written in brackets."""

    items: list[Node]
    span: Span
    flow: bool


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values in the order of the text; `flow` when it is written in braces."""

    entries: dict[str, tuple[Scalar, Node]]
    span: Span
    flow: bool

    def get(self, key: str) -> Node | None:
        """The value under this key, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping
