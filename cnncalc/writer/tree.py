"""The writer's tree: words and collections, with the comments above and beside each entry.

The layout records in `spot` where each of them, and the key of each entry, is placed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Spot: TypeAlias = tuple[int, int, int]
"""A line and a column, counted from 1, and a width in characters."""
NOWHERE: Spot = (1, 1, 1)


@dataclass(slots=True)
class Word:
    """A scalar as written, or a block of text: its indicator (`>-`) and the lines below it."""

    text: str
    lines: tuple[str, ...] | None = None
    anchor: str = ""
    spot: Spot = NOWHERE

    @property
    def empty(self) -> bool:
        """Whether nothing is written here."""
        return not self.text and not self.anchor


@dataclass(slots=True)
class Slot:
    """An entry of a collection: a key and a value in a mapping, only a value in a list."""

    key: str = ""
    value: Written = field(default_factory=lambda: Word(""))
    above: list[str] = field(default_factory=list)  # comments on their own lines; an empty string is a blank line
    beside: str = ""
    column: int = 0  # the column of the comment beside it, if there is room
    spot: Spot = NOWHERE  # of the key


@dataclass(slots=True)
class Collection:
    """A mapping or a list; `flow` if it was written in brackets."""

    slots: list[Slot] = field(default_factory=list)
    mapping: bool = False
    flow: bool = False
    tail: list[str] = field(default_factory=list)  # comments after its last entry
    anchor: str = ""
    spot: Spot = NOWHERE

    @property
    def inline(self) -> bool:
        """Whether it can be written on one line: it contains no comment and no block of text."""
        return not self.tail and all(
            not (slot.beside or any(slot.above))
            and (slot.value.inline if isinstance(slot.value, Collection) else slot.value.lines is None)
            for slot in self.slots
        )


Written: TypeAlias = "Word | Collection"
