"""Plain data → the tree that the writer lays out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.symbolic import Expr
from cnncalc.writer.tree import Collection, Slot, Word, Written
from cnncalc.writer.words import as_word, number

Data: TypeAlias = "Mapping[str, Data] | list[Data] | tuple[Data, ...] | str | bool | int | Fraction | Expr | None"
"""None is an omitted value (`relu:`). A string is written unchanged: a word or an expression."""

_LONGEST_TEXT = 100


def from_data(data: Data) -> Written:
    """The tree for plain data; its layout is left to the place in the spec."""
    if isinstance(data, Mapping):
        return Collection([Slot(as_word(key), from_data(value)) for key, value in data.items()], mapping=True)
    if isinstance(data, list | tuple):
        return Collection([Slot(value=from_data(entry)) for entry in data])
    return Word(spelling(data)) if not isinstance(data, str) or len(data) <= _LONGEST_TEXT else _long(data)


def spelling(data: str | bool | int | Fraction | Expr | None) -> str:
    """A scalar as it is written in a spec."""
    if data is None:
        return ""
    if isinstance(data, bool):
        return "true" if data else "false"
    return number(data) if isinstance(data, int | Fraction) else as_word(str(data))


def _long(text: str) -> Word:
    """A long text, folded at single spaces if that preserves its meaning; otherwise on one line."""
    from textwrap import wrap

    lines = wrap(text, _LONGEST_TEXT, break_long_words=False, break_on_hyphens=False)
    return Word(">-", tuple(lines)) if " ".join(lines) == text and len(lines) > 1 else Word(as_word(text))
