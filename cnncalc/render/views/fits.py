"""Fits as cells of a table, and the lines below it: pixels in the colour of a warning, all else dim."""

from __future__ import annotations

from cnncalc.explanations.fit_words import SIGN, Grade, Verdict
from cnncalc.quantities.sizes import listed, plural
from cnncalc.render.view import EMPTY, Cell


def fit_cell(verdict: Verdict) -> Cell:
    """The cell of one layer's fit; empty where there is nothing to say."""
    return Cell(verdict.text, "warning" if verdict.grade == "pixels" else "dim") if verdict.text else EMPTY


def fit_notes(verdicts: list[tuple[str, Verdict]]) -> tuple[Cell, ...]:
    """The lines below the table: the layers that drop pixels, then, quietly, those that leave less unread."""
    found: dict[Grade, list[str]] = {}
    for name, each in verdicts:
        found.setdefault(each.grade, []).append(name)
    notes = []
    if names := found.get("pixels"):
        verb = "drops" if len(names) == 1 else "drop"
        notes.append(Cell(f"{SIGN}{plural(len(names), 'layer')} {verb} pixels: {listed(names)}", "warning"))
    quiet: tuple[tuple[Grade, str], ...] = (
        ("gap", "a gap between windows unread"),
        ("padding", "padding unread"),
        ("overhang", "a last window that extends beyond the input"),
    )
    for each_grade, what in quiet:
        if names := found.get(each_grade):
            verb = "has" if each_grade == "overhang" else "leaves"
            verb = verb if len(names) == 1 else {"has": "have", "leaves": "leave"}[verb]
            notes.append(Cell(f"{plural(len(names), 'layer')} {verb} {what}: {listed(names)}", "dim"))
    return tuple(notes)
