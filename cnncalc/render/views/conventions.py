"""Builds the views of `cnncalc flops --compare` and `--reconcile`: the counts of several tools, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.report import Report
from cnncalc.conventions import CONVENTIONS, convention
from cnncalc.conventions.reconcile import Part, Reconciliation
from cnncalc.quantities.amounts import amount_text, difference_text
from cnncalc.quantities.sizes import Layout, count_text
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.symbolic import Size

COMPARED = (
    Column("convention"),
    Column("total", right=True),
    Column("÷ MACs", right=True, narrow="drop"),
    Column("what it counts", narrow="below"),
)
PARTS = (
    Column("kind of layer"),
    Column("first", right=True, narrow="drop"),
    Column("second", right=True, narrow="drop"),
    Column("difference", right=True),
    Column("meaning", narrow="below"),
)


def compare_view(report: Report, *, layout: Layout = "chw", exact: bool = True) -> View:
    """Build a row per convention: the network's total by each tool."""
    own = [
        _compared_row("macs", "MACs", report.macs, report.cost.at_least, report, exact),
        _compared_row("flops", "FLOPs: every operation", report.flops, report.cost.at_least, report, exact),
    ]
    tools = []
    for name in CONVENTIONS:
        tool = convention(name)
        tally = tool.tally(report.graph)
        tools.append(_compared_row(tool.label, tool.unit, tally.total, tally.at_least, report, exact))
    sections = (Section("", tuple(own)), Section("other tools, for one image", tuple(tools)))
    return View(heading.title(report), heading.facts(report, layout), COMPARED, sections)


def _compared_row(name: str, unit: str, total: Size, at_least: bool, report: Report, exact: bool) -> Row:
    text = ("≥ " if at_least else "") + amount_text(total, exact)
    macs = report.macs
    ratio = f"{total / macs:.3f}" if isinstance(total, int) and isinstance(macs, int) and macs else ""
    record = {"convention": name, "total": total, "at_least": at_least, "unit": unit}
    return Row((Cell(name), Cell(text), Cell(ratio), Cell(unit)), 0, record)


def reconcile_view(report: Report, reconciliation: Reconciliation, *, layout: Layout = "chw") -> View:
    """Build a row per kind of layer whose counts differ, which together explain the difference of two totals."""
    rows = list(reconciled_rows(reconciliation))
    second = reconciliation.second_total if reconciliation.printed is None else reconciliation.printed
    totals = (reconciliation.first_total, second, second - reconciliation.first_total)
    last = (
        Cell("total"),
        Cell(count_text(totals[0])),
        Cell(count_text(totals[1])),
        Cell(difference_text(totals[2])),
        EMPTY,
    )
    rows.append(Row(tuple(cell._replace(style="strong") for cell in last), total=True))
    notes = (
        Cell(f"first: {reconciliation.first} {count_text(reconciliation.first_total)}"),
        Cell(_second_text(reconciliation)),
        *heading.left_out_notes(report),
    )
    facts = heading.facts(report, layout)
    return View(heading.title(report), facts, PARTS, (Section("", tuple(rows)),), notes)


def reconciled_rows(reconciliation: Reconciliation) -> Iterator[Row]:
    """Yield a row per kind of layer whose counts differ, and one for what no rule explains."""
    yield from map(_part_row, reconciliation.parts)
    if reconciliation.rest:
        cells = (
            Cell("not explained"),
            EMPTY,
            EMPTY,
            Cell(difference_text(reconciliation.rest)),
            Cell("another network, input or rule" if reconciliation.unexplained else "rounding, or another rule"),
        )
        yield Row(cells, 0, {"kind": None, "difference": reconciliation.rest})


def _second_text(reconciliation: Reconciliation) -> str:
    """Name the second count, or a printed number and the count that it is near."""
    total = f" {count_text(reconciliation.second_total)}" if reconciliation.printed is None else ""
    return f"second: {reconciliation.second}{total}"


def _part_row(part: Part) -> Row:
    words = (
        "some layers unknown"
        if part.unknown
        else part.per.replace("-", "−", 1)
        if part.per.startswith("-")
        else part.per
    )
    cells = (
        Cell(part.kind),
        Cell(count_text(part.first)),
        Cell(count_text(part.second)),
        Cell(difference_text(part.difference)),
        Cell(words, "warning" if part.unknown else "plain"),
    )
    return Row(cells, 0, {"kind": part.kind, "first": part.first, "second": part.second, "difference": part.difference})
