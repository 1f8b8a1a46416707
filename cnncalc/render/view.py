"""Defines what every format writes: a title, facts, a table of rows in a tree, and notes, independent of any format.

A `Cell` holds text for readers; the `record` of a row holds the raw values for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from cnncalc.records import NamedTuple
from cnncalc.visible import visible

Style = Literal["plain", "strong", "dim", "warning"]
Narrow = Literal["keep", "below", "drop"]
"""What happens to a column on a narrow terminal: it is kept, its cells move below the row, or it is dropped."""


class Column(NamedTuple):
    """The title and layout of a column."""

    title: str
    right: bool = False
    narrow: Narrow = "keep"


class Cell(NamedTuple):
    """A text and its style."""

    text: str = ""
    style: Style = "plain"


EMPTY = Cell()


class Row(NamedTuple):
    """One line: one cell per column, the level in the tree, and the raw values for programs (None for a header)."""

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
    """Rows under one heading; the heading may be empty."""

    heading: str
    rows: tuple[Row, ...]


class View(NamedTuple):
    """Everything that is shown of one report."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    notes: tuple[Cell, ...] = ()

    def cleaned(self) -> View:
        """The view as every format for readers writes it: one line in every text, and nothing unseen."""
        if all(text.isprintable() for text in self._texts()):
            return self
        return View(
            visible(self.title),
            tuple((label, visible(text)) for label, text in self.facts),
            tuple(column._replace(title=visible(column.title)) for column in self.columns),
            tuple(Section(visible(each.heading), tuple(map(_cleaned_row, each.rows))) for each in self.sections),
            tuple(map(_cleaned_cell, self.notes)),
        )

    def _texts(self) -> Iterator[str]:
        yield self.title
        yield from (text for _, text in self.facts)
        yield from (column.title for column in self.columns)
        yield from (section.heading for section in self.sections)
        yield from (cell.text for row in self.rows for cell in row.cells)
        yield from (note.text for note in self.notes)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all sections."""
        return tuple(row for section in self.sections for row in section.rows)


def _cleaned_row(row: Row) -> Row:
    return row._replace(cells=tuple(map(_cleaned_cell, row.cells)))


def _cleaned_cell(cell: Cell) -> Cell:
    return Cell(visible(cell.text), cell.style)
