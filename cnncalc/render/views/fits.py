"""Formats stride fits as table cells and notes; dropped pixels are shown as warnings, everything else dim."""

from __future__ import annotations

from cnncalc.explanations.fit_words import SIGN, Grade, Verdict
from cnncalc.quantities.sizes import listed, plural
from cnncalc.render.view import EMPTY, Cell


def fit_cell(verdict: Verdict) -> Cell:
    """Return the cell for the fit of one layer; empty if there is nothing to report."""
    return Cell(verdict.text, "warning" if verdict.grade == "pixels" else "dim") if verdict.text else EMPTY


def fit_notes(verdicts: list[tuple[str, Verdict]]) -> tuple[Cell, ...]:
    """Return the notes below the table: layers that drop pixels, then layers that leave padding or gaps unread."""
    by_grade: dict[Grade, list[str]] = {}
    for name, each in verdicts:
        by_grade.setdefault(each.grade, []).append(name)
    notes = []
    if names := by_grade.get("pixels"):
        verb = "drops" if len(names) == 1 else "drop"
        notes.append(Cell(f"{SIGN}{plural(len(names), 'layer')} {verb} pixels: {listed(names)}", "warning"))
    quiet: tuple[tuple[Grade, str], ...] = (
        ("gap", "a gap between windows unread"),
        ("padding", "padding unread"),
        ("overhang", "a last window that extends beyond the input"),
    )
    for each_grade, what in quiet:
        if names := by_grade.get(each_grade):
            verb = "has" if each_grade == "overhang" else "leaves"
            verb = verb if len(names) == 1 else {"has": "have", "leaves": "leave"}[verb]
            notes.append(Cell(f"{plural(len(names), 'layer')} {verb} {what}: {listed(names)}", "dim"))
    return tuple(notes)
