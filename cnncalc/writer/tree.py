"""What is written: words and collections, each entry with the comments that stand above and beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class Word:
    """A scalar as it is written, or a block of text: its sign (`>-`) and the lines under it."""

    text: str
    lines: tuple[str, ...] | None = None
    anchor: str = ""

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


@dataclass(slots=True)
class Collection:
    """A mapping or a list; `flow` when it was written in brackets."""

    slots: list[Slot] = field(default_factory=list)
    mapping: bool = False
    flow: bool = False
    tail: list[str] = field(default_factory=list)  # comments after its last entry
    anchor: str = ""

    @property
    def commented(self) -> bool:
        """Whether a comment stands within it."""
        return bool(self.tail) or any(
            slot.beside or any(slot.above) or (isinstance(slot.value, Collection) and slot.value.commented)
            for slot in self.slots
        )


Written: TypeAlias = "Word | Collection"
