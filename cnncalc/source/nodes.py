"""The nodes of a YAML text, each with its line and column.

Plain classes rather than dataclasses, which would be compiled at every start.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Span


class Scalar:
    """A word, a number or a text.

    `value` of a plain scalar is an int, Fraction or bool if the text spells one, else the text; of a quoted or
    block scalar always the text. An omitted value (`relu:`) is an empty plain scalar.
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
        """Whether the value was omitted."""
        return not self.text and not self.quoted


class Sequence:
    """A list; `flow` if it is written in brackets."""

    __slots__ = ("flow", "items", "span")

    def __init__(self, items: list[Node], span: Span, flow: bool) -> None:
        self.items = items
        self.span = span
        self.flow = flow


class Mapping:
    """Keys and values in source order; `flow` if it is written in braces."""

    __slots__ = ("entries", "flow", "span")

    def __init__(self, entries: dict[str, tuple[Scalar, Node]], span: Span, flow: bool) -> None:
        self.entries = entries
        self.span = span
        self.flow = flow

    def get(self, key: str) -> Node | None:
        """The value of this key, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping
