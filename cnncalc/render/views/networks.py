"""The view with one row per network: several specs side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cnncalc.analysis.report import Report
from cnncalc.explanations.fit_words import verdict, worst_of
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import Layout, count_text, shape_record, tensors_text
from cnncalc.records import NamedTuple
from cnncalc.render.view import Cell, Column, Row, Section, View
from cnncalc.render.views.fits import fit_cell

COLUMNS = (
    Column("network"),
    Column("input", narrow="drop"),
    Column("output", narrow="drop"),
    Column("parameters", right=True),
    Column("fit", narrow="below"),
)


class Figure(NamedTuple):
    """What a command compares several networks by: a column, the key of its records, and its text and raw value."""

    title: str
    key: str
    of: Callable[[Report], tuple[str, object]]


def networks_view(reports: Sequence[Report], *, layout: Layout = "chw", figures: Sequence[Figure] = ()) -> View:
    """Several networks, a row each: by their figures, or by how their strides fit."""
    if figures:
        columns = (*COLUMNS[:4], *(Column(figure.title, right=True) for figure in figures))
        rows = tuple(_compared(report, layout, figures) for report in reports)
        return View("", (), columns, (Section("", rows),))
    return View("", (), COLUMNS, (Section("", tuple(_network(report, layout) for report in reports)),))


def _compared(report: Report, layout: Layout, figures: Sequence[Figure]) -> Row:
    row = _network(report, layout)
    found = [figure.of(report) for figure in figures]
    record = {key: value for key, value in (row.record or {}).items() if key != "unread"}
    record |= {figure.key: raw for figure, (_, raw) in zip(figures, found, strict=True)}
    return Row((*row.cells[:4], *(Cell(text) for text, _ in found)), 0, record)


def _network(report: Report, layout: Layout) -> Row:
    verdicts = [(layer.name, verdict(layer.fit)) for layer in report.layers]
    worst = worst_of(verdicts)
    cells = (
        Cell(report.name or "item"),
        Cell(tensors_text(report.inputs, layout, report.batch)),
        Cell(tensors_text(report.outputs, layout, report.batch)),
        Cell(("≥ " if report.totals.at_least else "") + count_text(report.params)),
        fit_cell(worst),
    )
    record = {
        "network": report.name or "item",
        "input": _record(report.inputs, layout),
        "output": _record(report.outputs, layout),
        "params": report.params,
        "unread": worst.grade if worst.grade in ("pixels", "gap", "padding") else "none",
    }
    return Row(cells, 0, record)


def _record(shapes: Mapping[str, Shape], layout: Layout) -> str:
    return " ".join(shape_record(shape, layout) for shape in shapes.values())
