"""Builds the view that compares several networks, a row each."""

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
    """A figure by which a command compares networks: the column, its key in records, and its text and raw value."""

    title: str
    key: str
    of: Callable[[Report], tuple[str, object]]


def networks_view(reports: Sequence[Report], *, layout: Layout = "chw", figures: Sequence[Figure] = ()) -> View:
    """Build a row per network, with the given figures, or with its stride fit if there are none."""
    if figures:
        columns = (*COLUMNS[:4], *(Column(figure.title, right=True) for figure in figures))
        rows = tuple(_compared_row(report, layout, figures) for report in reports)
        return View("", (), columns, (Section("", rows),))
    return View("", (), COLUMNS, (Section("", tuple(_network_row(report, layout) for report in reports)),))


def _compared_row(report: Report, layout: Layout, figures: Sequence[Figure]) -> Row:
    row = _network_row(report, layout)
    values = [figure.of(report) for figure in figures]
    record = {key: value for key, value in (row.record or {}).items() if key != "unread"}
    record |= {figure.key: raw for figure, (_, raw) in zip(figures, values, strict=True)}
    return Row((*row.cells[:4], *(Cell(text) for text, _ in values)), 0, record)


def _network_row(report: Report, layout: Layout) -> Row:
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
        "input": _shapes_text(report.inputs, layout),
        "output": _shapes_text(report.outputs, layout),
        "params": report.params,
        "unread": worst.grade if worst.grade in ("pixels", "gap", "padding") else "none",
    }
    return Row(cells, 0, record)


def _shapes_text(shapes: Mapping[str, Shape], layout: Layout) -> str:
    return " ".join(shape_record(shape, layout) for shape in shapes.values())
