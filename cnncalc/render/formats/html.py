"""Writes HTML: a table that fits into a page of any style, such as a notebook."""

from __future__ import annotations

from html import escape

from cnncalc.render.view import Cell, Column, Row, Section, Style, View

# currentColor and opacity adapt to the colours of the page, light or dark.
STYLES: dict[Style, str] = {
    "plain": "",
    "strong": "font-weight: 600",
    "dim": "opacity: 0.65",
    "warning": "color: #b35900; font-weight: 600",
}
LINE = "border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent)"
TOTAL_LINE = LINE.replace("bottom", "top")


def page_part(view: View) -> str:
    """Format a view as an HTML fragment."""
    view = view.cleaned()
    parts = ['<div class="cnncalc">']
    if view.title:
        parts.append(f'<div style="font-size: 1.15em; {STYLES["strong"]}">{escape(view.title)}</div>')
    parts += [f"<div>{escape(label)}: {escape(text)}</div>" for label, text in view.facts]
    parts.append('<table style="border-collapse: collapse; margin: 0.5em 0">')
    parts.append(f"<thead><tr>{''.join(_header(column) for column in view.columns)}</tr></thead>")
    parts += [_section(view, section) for section in view.sections]
    parts.append("</table>")
    parts += [f"<div{_style_attribute(STYLES[note.style])}>{escape(note.text)}</div>" for note in view.notes]
    return "\n".join([*parts, "</div>"])


def _section(view: View, section: Section) -> str:
    rows = [_row(view, row) for row in section.rows]
    if section.heading:
        span = len(view.columns)
        rows.insert(0, f'<tr><th colspan="{span}" style="text-align: left; {LINE}">{escape(section.heading)}</th></tr>')
    return f"<tbody>{''.join(rows)}</tbody>"


def _header(column: Column) -> str:
    return f'<th style="{_alignment(column)}; padding: 2px 10px 2px 0; {LINE}">{escape(column.title)}</th>'


def _row(view: View, row: Row) -> str:
    cells = [
        _cell(cell, column, row.level if index == 0 else 0)
        for index, (cell, column) in enumerate(zip(row.cells, view.columns, strict=True))
    ]
    return f'<tr style="{TOTAL_LINE}">{"".join(cells)}</tr>' if row.total else f"<tr>{''.join(cells)}</tr>"


def _cell(cell: Cell, column: Column, level: int) -> str:
    style = "; ".join(
        filter(None, [_alignment(column), f"padding: 1px 10px 1px {level * 1.2:g}em", STYLES[cell.style]])
    )
    return f'<td style="{style}">{escape(cell.text)}</td>'


def _alignment(column: Column) -> str:
    return "text-align: right" if column.right else "text-align: left"


def _style_attribute(style: str) -> str:
    return f' style="{style}"' if style else ""
