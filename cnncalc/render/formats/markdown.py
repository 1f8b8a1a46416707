"""Writes Markdown: GitHub-flavoured tables, with the notes below."""

from __future__ import annotations

from cnncalc.render.view import Cell, Row, Section, View

INDENT = "\N{EM SPACE}"
SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\|*_`<>[]#~"})


def markdown(view: View, width: int | None = None, *, colour: bool = False) -> str:
    """Format a view as Markdown."""
    parts = []
    if view.title:
        parts.append(f"## {_escape(view.title)}")
    if view.facts:
        parts.append("\n".join(f"- {label}: {_escape(text)}" for label, text in view.facts))
    for section in view.sections:
        if section.heading:
            parts.append(f"### {_escape(section.heading)}")
        parts.append(_table(view, section))
    if view.notes:
        parts.append("\n".join(f"- {_style(note)}" for note in view.notes))
    return "\n\n".join(parts) + "\n"


def _table(view: View, section: Section) -> str:
    titles = " | ".join(column.title for column in view.columns)
    rule = " | ".join("--:" if column.right else "---" for column in view.columns)
    return "\n".join([f"| {titles} |", f"| {rule} |", *map(_row, section.rows)])


def _row(row: Row) -> str:
    first, *others = row.cells
    return f"| {INDENT * row.level}{' | '.join(map(_style, [first, *others]))} |"


def _style(cell: Cell) -> str:
    text = _escape(cell.text)
    return f"**{text}**" if text and cell.style in ("strong", "warning") else text


def _escape(text: str) -> str:
    return " ".join(text.split()).translate(SPECIAL)
