"""Writes Markdown: GitHub-flavoured tables, with the notes below."""

from __future__ import annotations

import re

from cnncalc.render.view import Cell, Row, Section, View
from cnncalc.visible import visible

INDENT = "\N{EM SPACE}"
SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\|*_`<>[]#~&$"})
# What code hosts make links and messages of wherever it is, escaped or not: @mentions, addresses, #1 and GH-1, URLs.
_ACTIVE = r"(?<![A-Za-z0-9])@|@(?=[\w-]*\.)|#(?=[0-9])|\b[Gg][Hh]-(?=[0-9])|:(?=//)|\b[Ww]{3}(?=\.)|\b(?:mailto|xmpp):"
_APART = "&#8203;"  # a space of no width
_SIGNS = "@#-:."  # one of these is in each


def markdown(view: View, width: int | None = None, *, colour: bool = False) -> str:
    """Format a view as Markdown."""
    parts, view = [], view.cleaned()
    if view.title:
        parts.append(f"## {escape_markdown(view.title)}")
    if view.facts:
        parts.append("\n".join(f"- {label}: {escape_markdown(text)}" for label, text in view.facts))
    for section in view.sections:
        if section.heading:
            parts.append(f"### {escape_markdown(section.heading)}")
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
    text = escape_markdown(cell.text)
    return f"**{text}**" if text and cell.style in ("strong", "warning") else text


def escape_markdown(text: str) -> str:
    """A text on one line that is shown as it is: no markup, HTML, link or end of a cell, and nobody is notified."""
    return separate_links(" ".join(visible(text).split()).translate(SPECIAL))


def separate_links(text: str) -> str:
    """Markdown or HTML in which nothing is a link or notifies anybody that is not marked up as one."""
    return re.sub(_ACTIVE, rf"\g<0>{_APART}", text) if any(sign in text for sign in _SIGNS) else text
