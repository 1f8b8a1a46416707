"""Writes a table for the terminal: as wide as its text, or laid out to stay readable if the terminal is narrower.

Rich's tables look the same but take 150 ms for the 170 rows of a ResNet, including their import; this takes 2 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from cnncalc.render.formats.width import text_width, wrap
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, Style, View

GAP = "  "
LEAST = 8  # columns to which the first column may be cut
ANSI: dict[Style, str] = {"plain": "", "strong": "\033[1m", "dim": "\033[2m", "warning": "\033[1;33m"}
RESET = "\033[0m"
Paint: TypeAlias = Callable[[str, Style], str]


def table(view: View, width: int | None = None, *, colour: bool = False) -> str:
    """Format a view as text of at most `width` columns; None means unlimited."""
    paint, view = _paint if colour else _plain, view.cleaned()
    parts = [_heading(view, width, paint)] if view.title or view.facts else []
    rows = view.rows
    widths = _layout(view.columns, rows, width) if rows else []
    if rows:
        parts.append("\n".join(_body_lines(view, widths, width, paint)))
    notes = [paint(line, note.style) for note in view.notes for line in wrap(note.text, width, "  ")]
    if notes:
        parts.append("\n".join(notes))
    if rows and width is not None and (dropped := _dropped_titles(view.columns, widths)):
        lines = wrap(f"omitted (terminal too narrow): {', '.join(dropped)}", width, "  ")
        parts[-1] += "".join("\n" + paint(line, "dim") for line in lines)
    return "\n\n".join(parts) + "\n"


def _heading(view: View, width: int | None, paint: Paint) -> str:
    lines = [paint(line, "strong") for line in wrap(view.title, width, "  ")] if view.title else []
    longest = max((len(label) for label, _ in view.facts), default=0)
    for label, text in view.facts:
        indent = " " * (longest + 2)
        first, *rest = wrap(label.ljust(longest + 2) + text, width, indent)
        lines += [paint(first[: longest + 2], "dim") + first[longest + 2 :], *rest]
    return "\n".join(lines)


def _body_lines(view: View, widths: list[int], width: int | None, paint: Paint) -> Iterator[str]:
    titles = [Cell(column.title, "dim") for column in view.columns]
    yield _line(titles, view.columns, widths, paint)
    total = sum(w for w in widths if w) + len(GAP) * (sum(1 for w in widths if w) - 1)
    rule = paint("─" * total, "dim")
    yield rule
    for section in view.sections:
        if section.heading:
            yield ""
            yield from (paint(line, "strong") for line in wrap(section.heading, width, "  "))
            yield rule
        yield from _section_lines(section, view.columns, widths, width, paint, rule)


def _section_lines(
    section: Section, columns: Sequence[Column], widths: list[int], width: int | None, paint: Paint, rule: str
) -> Iterator[str]:
    deepest = _most_indented(width)
    movable = [index for index, column in enumerate(columns) if column.narrow == "below" and width is not None]
    for row in section.rows:
        if row.total:
            yield rule
        cells, indent = list(row.cells), "  " * min(row.level, deepest)
        if indent:
            cells[0] = Cell(indent + cells[0].text, cells[0].style)
        below = []
        for index in movable:
            cell = cells[index]
            if cell.text and text_width(cell.text) > widths[index]:
                below.append(cell)
                cells[index] = EMPTY
        yield _line(cells, columns, widths, paint)
        margin = indent + "    "
        for cell in below:
            yield from (paint(line, cell.style) for line in wrap(margin + cell.text, width, margin + "  "))


def _line(cells: Iterable[Cell], columns: Sequence[Column], widths: list[int], paint: Paint) -> str:
    parts = []
    pending = ""  # spaces are written only if text follows
    for (text, style), column, room in zip(cells, columns, widths, strict=True):
        if not room:
            continue
        if not text:
            pending += " " * room + GAP
            continue
        size = text_width(text)
        if size > room:
            text = _cut(text, room)
            size = text_width(text)
        blank = " " * (room - size)
        if column.right:
            pending += blank
            blank = ""
        parts.append(pending + paint(text, style))
        pending = blank + GAP
    return "".join(parts)


def _layout(columns: Sequence[Column], rows: Sequence[Row], width: int | None) -> list[int]:
    """The width of every column, in characters; 0 if it is dropped or moved below the rows."""
    natural = [text_width(column.title) for column in columns]
    deepest = _most_indented(width)
    for index, title in enumerate(natural):
        texts = {row.cells[index].text for row in rows} if index else ()
        natural[index] = max(title, *map(text_width, texts)) if texts else title
    natural[0] = max(natural[0], *(text_width(row.cells[0].text) + 2 * min(row.level, deepest) for row in rows))
    if width is None:
        return natural
    return _narrow(columns, rows, natural, width)


def _narrow(columns: Sequence[Column], rows: Sequence[Row], natural: list[int], width: int) -> list[int]:
    """Shrink widths to fit: cells move below the row, then columns are dropped, and the first column is cut last."""
    widths = list(natural)
    movable = [index for index, column in enumerate(columns) if column.narrow == "below"]
    for index in reversed(movable):
        minimum = min((text_width(r.cells[index].text) for r in rows if r.cells[index].text), default=0)
        minimum = max(minimum, text_width(columns[index].title))
        widths[index] = max(min(minimum, widths[index]), widths[index] - max(0, _excess(widths, width)))
    for index in movable:
        if _excess(widths, width) > 0:
            widths[index] = 0
    for index in [i for i in reversed(range(len(columns))) if columns[i].narrow == "drop"]:
        if _excess(widths, width) > 0:
            widths[index] = 0
    for index in reversed(movable):
        if widths[index]:
            widths[index] = min(natural[index], widths[index] - min(0, _excess(widths, width)))
    cut = widths[0] - max(0, _excess(widths, width))
    if cut >= LEAST:  # otherwise nothing makes it fit, and names are not cut
        widths[0] = cut
    return widths


def _excess(widths: list[int], width: int) -> int:
    shown = [w for w in widths if w]
    return sum(shown) + len(GAP) * (len(shown) - 1) - width


def _dropped_titles(columns: Sequence[Column], widths: list[int]) -> list[str]:
    return [column.title for column, room in zip(columns, widths, strict=True) if not room and column.narrow == "drop"]


def _most_indented(width: int | None) -> int:
    """The most levels that are indented, so that a narrow terminal has room for text."""
    return 32 if width is None else max(2, width // 12)


def _cut(text: str, room: int) -> str:
    if text_width(text) <= room:
        return text
    while text and text_width(text) >= room:
        text = text[:-1]
    return text + "…"


def _paint(text: str, style: Style) -> str:
    return f"{ANSI[style]}{text}{RESET}" if text and style != "plain" else text


def _plain(text: str, style: Style) -> str:
    return text
