"""Builds the view of `cnncalc rf --position`: what one output position sees of every map back to the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from cnncalc.analysis.field.footprint import Footprint
from cnncalc.analysis.report import Report
from cnncalc.explanations.field_words import beside_text, field_text, is_joined, tensor_name
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
MOST = 4  # rows that are listed one by one


def position_view(
    report: Report,
    layer: str,
    position: tuple[int, ...],
    footprints: Mapping[str, Footprint],
    *,
    layout: Layout = "chw",
) -> View:
    """Build a row per map from the layer back to the inputs: the rows that one output position sees."""
    words = {each.name: layer_words(each.node) for each in report.layers}
    rows = tuple(_footprint_row(name, words.get(name, "input"), footprint) for name, footprint in footprints.items())
    facts = (*heading.facts(report, layout), ("position", f"{','.join(map(str, position))} of {layer}"))
    notes = ["rows are counted from 0; anything beyond the border of a map on the way is excluded"]
    if not all(footprint.exact for footprint in footprints.values()):
        notes.append("'at most' means that a layer on the way is unknown")
    fields = report.receptive_fields[layer]
    alone = len(report.inputs) == 1
    for name in (name for name in footprints if name in fields and is_joined(fields[name])):
        beside = beside_text(fields[name], tensor_name(name, fields[name], alone))
        notes.append(f"the receptive field of {layer} is {field_text(fields[name])}, plus {beside}")
    cells = (*heading.left_out_notes(report), *(Cell(note, "dim") for note in notes))
    return View(heading.title(report), facts, COLUMNS, (Section("", rows),), cells)


def _footprint_row(name: str, words: str, footprint: Footprint) -> Row:
    rows = " × ".join(map(runs_text, footprint.rows))
    text = rows if footprint.exact else f"at most {rows}"
    size = shape_text(footprint.shape[1:]) if footprint.shape[1:] else ""
    cells = tuple(map(Cell, (name, words, size, text, share_text(*footprint.share.as_integer_ratio()))))
    record = {"tensor": name, "rows": text, "share": round(float(footprint.share), 6), "exact": footprint.exact}
    return Row(cells, 0, record)


def runs_text(rows: tuple[int, ...]) -> str:
    """Abbreviate sorted row numbers: 0…37; 0, 4, 8; 0…36 (every 4th); 0…40 (13 of 41)."""
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
    """Return a number with its ordinal suffix: 2nd, 3rd, 4th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
