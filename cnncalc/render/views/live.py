"""Builds the view of `cnncalc flops --live`: what each tool printed, beside ours, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.analysis.report import Report
from cnncalc.quantities.amounts import difference_text
from cnncalc.quantities.sizes import Layout, count_text, plural
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.render.views.conventions import reconciled_rows

if TYPE_CHECKING:
    from cnncalc.pytorch.live.comparison import Live

COLUMNS = (
    Column("tool"),
    Column("cnncalc", right=True),
    Column("the tool", right=True),
    Column("difference", right=True, narrow="drop"),
    Column("", narrow="below"),
)
BUILT = "the tools ran on the network that cnncalc builds: a module for every layer, whatever `written` says"

INSTALL = "pip install 'cnncalc[peers]' installs all that can stand side by side"


def live_view(report: Report, found: Sequence[Live], built: bool = False, *, layout: Layout = "chw") -> View:
    """Build a row per tool, and a section for each that differs; `built`: the network is not the user's own."""
    sections = [Section("", tuple(map(_row, found)))]
    for each in found:
        if each.reconciliation is not None:
            rows = tuple(reconciled_rows(each.reconciliation))
            sections.append(Section(f"{each.name}, by kind of layer: {each.reconciliation.second}", rows))
    notes = [Cell(_summary(found)), *([Cell(BUILT, "dim")] if built else []), *heading.left_out_notes(report)]
    return View(heading.title(report), heading.facts(report, layout), COLUMNS, tuple(sections), tuple(notes))


def record(live: Live) -> dict[str, object]:
    """The raw values of one tool."""
    parts = live.reconciliation
    return {
        "tool": live.name,
        "convention": live.label,
        "unit": live.unit,
        "installed": live.installed,
        "printed": live.printed,
        "total": live.ours,
        "at_least": live.at_least,
        "equal": live.equal,
        "problem": live.problem or None,
        "reconciliation": None if parts is None else [row.record for row in reconciled_rows(parts)],
    }


def _row(live: Live) -> Row:
    ours = ("≥ " if live.at_least else "") + count_text(live.ours)
    name = f"{live.name} ({live.version})" if live.version else live.name
    if live.printed is None:
        return Row((Cell(name), Cell(ours), EMPTY, EMPTY, Cell(live.problem, "dim" if live.missing else "warning")))
    difference = EMPTY if live.equal else Cell(difference_text(live.printed - live.ours))
    words = Cell("equal") if live.equal else Cell(_why(live), "warning")
    return Row((Cell(name), Cell(ours), Cell(count_text(live.printed)), difference, words))


def _why(live: Live) -> str:
    unknown = ", which has no rule for some layers here" if live.at_least else ""
    return f"differs; we count as {live.label} does{unknown}"


def _summary(found: Sequence[Live]) -> str:
    ran = [each for each in found if each.printed is not None]
    equal = sum(each.equal for each in ran)
    missing = sum(each.missing for each in found)
    if missing == len(found):
        return f"none of these tools is installed: {INSTALL}"
    failed = len(found) - len(ran) - missing
    parts = [f"{equal} of {plural(len(ran), 'tool')} that ran {'prints' if len(ran) == 1 else 'print'} our number"]
    parts += [f"{missing} not installed"] if missing else []
    parts += [f"{failed} failed"] if failed else []
    return ", ".join(parts)
