"""Builds the view of `cnncalc params`: the parameters and buffers of every layer, and their share of the total."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.analysis.parameters import Parameters
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.quantities.amounts import UNKNOWN
from cnncalc.quantities.shares import share_text
from cnncalc.quantities.sizes import Layout, count_text, least_text, listed, plural
from cnncalc.render.layer_words import layer_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.symbolic import Size

COLUMNS = (
    *heading.NAMED,
    Column("weights", right=True, narrow="drop"),
    Column("biases", right=True, narrow="drop"),
    Column("buffers", right=True, narrow="drop"),
    Column("parameters", right=True),
    Column("share", right=True),
)


def params_view(report: Report, *, layout: Layout = "chw", depth: int | None = None) -> View:
    """Build the parameter table; layers without parameters are omitted, and `depth` folds the blocks below it."""
    totals, heads = report.totals, report.training_heads
    whole = totals.params + heads.params
    training = [layer for layer in report.layers if layer.node.training]
    sections = [_section("", (r for r in report.layers if not r.node.training), depth, totals, totals.params)]
    if training:
        headline = f"{heading.TRAINING_HEADS} (shares of {count_text(whole)})"
        sections.append(_section(headline, training, depth, heads, whole))
    return View(heading.title(report), heading.facts(report, layout), COLUMNS, tuple(sections), tuple(_notes(report)))


def _section(
    headline: str, layers: Iterable[LayerReport], depth: int | None, totals: Parameters, whole: Size
) -> Section:
    rows = [_row(entry, whole) for entry in entries(layers, depth) if any(map(_has_parameters, entry.layers))]
    figures = _figure_cells(totals, whole)
    total = (Cell("total"), EMPTY, *figures)
    return Section(headline, (*rows, Row(tuple(cell._replace(style="strong") for cell in total), total=True)))


def _has_parameters(layer: LayerReport) -> bool:
    return bool(layer.node.weights or layer.node.buffers or layer.parameters.at_least)


def _row(entry: Entry, whole: Size) -> Row:
    if entry.header:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * 6), entry.level)
    layer = entry.layer
    owned = sum((inner.parameters for inner in entry.layers), Parameters())
    if layer is None:
        words, name = Cell(plural(len(entry.layers), "layer")), Cell(entry.name, "strong")
    else:
        words, name = Cell(_words(layer)), Cell(entry.name)
    return Row((name, words, *_figure_cells(owned, whole)), entry.level, _record(entry, owned, whole))


def _figure_cells(owned: Parameters, whole: Size) -> tuple[Cell, ...]:
    texts = (owned.weights, owned.biases, owned.buffers)
    shown = (count_text(count) if not isinstance(count, int) or count else "" for count in texts)
    least = "≥ " if owned.at_least else ""
    known = (
        UNKNOWN
        if owned.at_least and isinstance(owned.params, int) and owned.params == 0
        else least + count_text(owned.params)
    )
    return (*map(Cell, shown), Cell(known), Cell(share_text(owned.params, whole)))


def _words(layer: LayerReport) -> str:
    marks = [layer_words(layer.node)]
    if layer.node.shares:
        marks.append(f"shared with {layer.node.shares}")
    if layer.node.frozen:
        marks.append("frozen")
    return ", ".join(marks)


def _record(entry: Entry, owned: Parameters, whole: Size) -> dict[str, object]:
    layer = entry.layer
    share = owned.params / whole if isinstance(owned.params, int) and isinstance(whole, int) and whole else None
    return {
        "layer": entry.path,
        "kind": layer.kind if layer else "block",
        "weights": owned.weights,
        "biases": owned.biases,
        "buffers": owned.buffers,
        "params": None if layer and owned.at_least else owned.params,
        "trainable": None if layer and owned.at_least else owned.trainable,
        "share": None if share is None else round(share, 6),
        "shared_with": layer.node.shares if layer else None,
        "training": entry.last.node.training,
    }


def _notes(report: Report) -> Iterable[Cell]:
    totals, heads = report.totals, report.training_heads
    text = f"{least_text(totals.params, totals.at_least)} parameters"
    if report.has_training_heads:
        text += f", with training heads {count_text(totals.params + heads.params)}"
    yield Cell(text, "strong")
    if totals.at_least:
        unweighed = [layer.name for layer in report.layers if layer.parameters.at_least]
        yield Cell(f"the parameters of {listed(unweighed, 3)} are not known", "warning")
    if totals.trainable != totals.params:
        yield Cell(f"{count_text(totals.trainable)} trainable, {count_text(totals.params - totals.trainable)} frozen")
    if not isinstance(totals.buffers, int) or totals.buffers:
        yield Cell(f"plus {count_text(totals.buffers)} buffer values (stored, not trained)", "dim")
    yield from heading.left_out_notes(report)
    without = sum(not _has_parameters(layer) for layer in report.layers)
    if without:
        verb = "is" if without == 1 else "are"
        yield Cell(f"{plural(without, 'layer')} without parameters {verb} omitted", "dim")
