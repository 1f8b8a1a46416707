"""What is written: words and collections, each entry with the comments that stand above and beside it.

Laying a text out notes in `spot` where each of them, and the key of each entry, has come to stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Spot: TypeAlias = tuple[int, int, int]
"""A line and a column, from 1, and a width on that line."""
NOWHERE: Spot = (1, 1, 1)


@dataclass(slots=True)
class Word:
    """A scalar as it is written, or a block of text: its sign (`>-`) and the lines under it."""

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
    """An entry of a collection: a key and its value in a mapping, a value alone in a list."""

    key: str = ""
    value: Written = field(default_factory=lambda: Word(""))
    above: list[str] = field(default_factory=list)  # comments on lines of their own; an empty one is a blank line
    beside: str = ""
    column: int = 0  # where the comment beside it begins, as far as there is room
    spot: Spot = NOWHERE  # of the key


@dataclass(slots=True)
class Collection:
    """A mapping or a list; `flow` when it was written in brackets."""

    slots: list[Slot] = field(default_factory=list)
    mapping: bool = False
    flow: bool = False
    tail: list[str] = field(default_factory=list)  # comments after its last entry
    anchor: str = ""
    spot: Spot = NOWHERE

    @property
    def inline(self) -> bool:
        """Whether it can stand on one line: nothing within it has a comment or is a block of text."""
        return not self.tail and all(
            not (slot.beside or any(slot.above))
            and (slot.value.inline if isinstance(slot.value, Collection) else slot.value.lines is None)
            for slot in self.slots
        )


Written: TypeAlias = "Word | Collection"
