"""What every format writes: a title, facts, a table of rows in a tree, and notes. It knows nothing of any format.

A `Cell` is text for a reader; a row's `record` has the raw values for a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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


class Later(Mapping[str, object]):
    """A record that is made when it is first read: a table reads none."""

    def __init__(self, make: Callable[[], Mapping[str, object]]) -> None:
        self._make = make
        self._made: Mapping[str, object] | None = None

    def _record(self) -> Mapping[str, object]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> object:
        return self._record()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._record())

    def __len__(self) -> int:
        return len(self._record())


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
