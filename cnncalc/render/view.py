"""What every format writes: a title, facts, a table of rows in a tree, and notes. It knows nothing of any format.

A `Cell` is text for a reader; a row's `record` has the raw values for a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cnncalc.records import NamedTuple

Style = Literal["plain", "strong", "dim", "warning"]
Narrow = Literal["keep", "below", "drop"]
"""What becomes of a column where the terminal is too narrow: it stays, its cells go below the row, or it goes."""


class Column(NamedTuple):
    """A column: its title, and how it is laid out."""

    title: str
    right: bool = False
    narrow: Narrow = "keep"


class Cell(NamedTuple):
    """A text and its style."""

    text: str = ""
    style: Style = "plain"


EMPTY = Cell()


class Row(NamedTuple):
    """One line: its cells, one per column; its level in the tree; what a program reads of it (nothing of a header)."""

    cells: tuple[Cell, ...]
    level: int = 0
    record: Mapping[str, object] | None = None
    total: bool = False


class Section(NamedTuple):
    """Rows under one heading, which may be empty."""

    heading: str
    rows: tuple[Row, ...]


class View(NamedTuple):
    """All that is shown of one thing."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    notes: tuple[Cell, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all sections."""
        return tuple(row for section in self.sections for row in section.rows)
