"""The view of `cnncalc rf --position`: what one output position sees of every map on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from cnncalc.analysis.field.footprint import Footprint
from cnncalc.analysis.report import Report
from cnncalc.quantities.shares import share_text
from cnncalc.quantities.sizes import Layout, shape_text
from cnncalc.render.layer_words import layer_words
from cnncalc.render.view import Cell, Column, Row, Section, View
from cnncalc.render.views import heading

COLUMNS = (
    Column("tensor"),
    Column("what it is", narrow="below"),
    Column("size", right=True),
    Column("rows seen"),
    Column("share", right=True),
)
MOST = 4  # rows that are written out


def position_view(
    report: Report, layer: str, position: tuple[int, ...], prints: Mapping[str, Footprint], *, layout: Layout = "chw"
) -> View:
    """What one output position sees of every map on the way back; the inputs last."""
    words = {each.name: layer_words(each.node) for each in report.layers}
    rows = tuple(_print_row(name, words.get(name, "input"), found) for name, found in prints.items())
    facts = (*heading.facts(report, layout), ("position", f"{','.join(map(str, position))} of {layer}"))
    notes = ["rows are counted from 0; anything beyond the border of a map on the way is excluded"]
    if not all(found.exact for found in prints.values()):
        notes.append("'at most' means that a layer on the way is unknown")
    cells = tuple(Cell(note, "dim") for note in notes)
    return View(heading.title(report), facts, COLUMNS, (Section("", rows),), cells)


def _print_row(name: str, words: str, found: Footprint) -> Row:
    rows = " × ".join(map(runs_text, found.rows))
    text = rows if found.exact else f"at most {rows}"
    size = shape_text(found.shape[1:]) if found.shape[1:] else ""
    cells = tuple(map(Cell, (name, words, size, text, share_text(*found.share.as_integer_ratio()))))
    record = {"tensor": name, "rows": text, "share": round(float(found.share), 6), "exact": found.exact}
    return Row(cells, 0, record)


def runs_text(rows: tuple[int, ...]) -> str:
    """0…37; 0, 4, 8; 0…36 (every 4th); 0…40 (13 of 41)."""
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return str(first)
    if len(rows) == last - first + 1:
        return f"{first}…{last}"
    if len(rows) <= MOST:
        return ", ".join(map(str, rows))
    steps = {after - before for before, after in pairwise(rows)}
    if len(steps) == 1:
        return f"{first}…{last} (every {ordinal(steps.pop())})"
    return f"{first}…{last} ({len(rows)} of {last - first + 1})"


def ordinal(number: int) -> str:
    """2nd, 3rd, 4th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
