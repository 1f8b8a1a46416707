"""Builds the view of `cnncalc list`: a row per shipped network, with the figures of its default variant."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.analysis.report import Report
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.numerals import natural
from cnncalc.quantities.sizes import count_text, plural, shape_record, tensors_text
from cnncalc.records import NamedTuple
from cnncalc.render.view import Cell, Column, Row, Section, View

COLUMNS = (
    Column("name"),
    Column("year", right=True, narrow="drop"),
    Column("task", narrow="drop"),
    Column("input"),
    Column("parameters", right=True),
    Column("MACs", right=True),
    Column("variants", narrow="below"),
)


class Shipped(NamedTuple):
    """A shipped network: its name, variants, and the report on the default variant."""

    name: str
    variants: tuple[str, ...]
    report: Report


def shipped_view(networks: Iterable[Shipped]) -> View:
    """Build a row per shipped network."""
    listed = tuple(networks)
    if not listed:
        return View("", (), COLUMNS, (), (Cell("no network matches"),))
    count = plural(len(listed), "network")
    if variants := sum(len(network.variants) for network in listed):
        count += f", {plural(variants, 'variant')}"
    notes = (
        Cell(f"{count}; select a variant with name@variant: cnncalc shapes resnet@18", "dim"),
        Cell("figures are for the default variant", "dim"),
    )
    return View("", (), COLUMNS, (Section("", tuple(map(_row, listed))),), notes[: 2 if variants else 1])


def _row(network: Shipped) -> Row:
    report = network.report
    about = report.about
    year, task = about.get("year", ""), about.get("task", "")
    cells = (
        Cell(network.name, "strong"),
        Cell(year),
        Cell(task),
        Cell(tensors_text(report.inputs)),
        Cell(count_text(report.params)),
        Cell(amount_text(report.macs)),
        Cell(", ".join(network.variants), "dim"),
    )
    record = {
        "name": network.name,
        "title": report.graph.name,
        "variants": list(network.variants),
        "year": natural(year),
        "task": task or None,
        "input": " ".join(shape_record(shape) for shape in report.inputs.values()),
        "params": report.params,
        "macs": report.macs,
        "source": about.get("source"),
        "description": about.get("description"),
    }
    return Row(cells, record=record)
