"""The nodes of a YAML text: every one knows its line and column.

Plain classes, not dataclasses, which would be compiled at every start.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Span


class Scalar:
    """A word, a number or a text.

    `value` is, for a plain scalar, an int, a Fraction or a bool where the text spells one, and the text otherwise;
    for a quoted or block scalar always the text. A value left out (`relu:`) is the empty plain scalar.
    """

    __slots__ = ("quoted", "span", "text", "value")

    def __init__(self, text: str, span: Span, quoted: bool, value: int | Fraction | bool | str) -> None:
        self.text = text
        self.span = span
        self.quoted = quoted
        self.value = value

    def __repr__(self) -> str:
        return f"Scalar({self.text!r}, {self.span})"

    @property
    def empty(self) -> bool:
        """Whether nothing was written here."""
        return not self.text and not self.quoted


class Sequence:
    """A list; `flow` when it is written in brackets."""

    __slots__ = ("flow", "items", "span")

    def __init__(self, items: list[Node], span: Span, flow: bool) -> None:
        self.items = items
        self.span = span
        self.flow = flow


class Mapping:
    """Keys and values in the order of the text; `flow` when it is written in braces."""

    __slots__ = ("entries", "flow", "span")

    def __init__(self, entries: dict[str, tuple[Scalar, Node]], span: Span, flow: bool) -> None:
        self.entries = entries
        self.span = span
        self.flow = flow

    def get(self, key: str) -> Node | None:
        """The value under this key, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping
