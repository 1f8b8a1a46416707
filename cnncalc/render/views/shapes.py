"""Builds the view of `cnncalc shapes`: the output shape of every layer, and whether its stride fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.fit_words import Verdict, verdict, worst_of
from cnncalc.explanations.formulas import formula
from cnncalc.quantities.sizes import Layout, count_text, least_text, plural, shape_record, shape_text
from cnncalc.render.layer_words import layer_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Later, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.render.views.fits import fit_cell, fit_notes

COLUMNS = (
    *heading.NAMED,
    Column("output"),
    Column("fit", narrow="below"),
)
FORMULA = Column("formula", narrow="below")
MOST_FIXED = 2000  # layers; finding a fix analyses the network again


def shapes_view(
    report: Report, *, layout: Layout = "chw", depth: int | None = None, with_formula: bool = False
) -> View:
    """Build the shape table; `depth` folds the blocks below that many levels."""
    rows = _Rows(report.batch, layout, with_formula, {})
    main = rows.of((layer for layer in report.layers if not layer.node.training), depth)
    heads = rows.of((layer for layer in report.layers if layer.node.training), depth)
    sections = [Section("", main)] + ([Section(heading.TRAINING_HEADS, heads)] if heads else [])
    dropping = [name for name, each in rows.verdicts.items() if each.grade == "pixels"]
    notes = (
        *_total_note(report),
        *fit_notes(list(rows.verdicts.items())),
        *_fix_notes(report, dropping),
        *_condition_notes(report),
    )
    return View(
        heading.title(report),
        heading.facts(report, layout),
        (*COLUMNS, FORMULA) if with_formula else COLUMNS,
        tuple(sections),
        notes,
    )


def _total_note(report: Report) -> tuple[Cell, ...]:
    text = f"{heading.layer_count(report)}, {least_text(report.params, report.totals.at_least)} parameters"
    if report.has_training_heads:
        text += f", with training heads {count_text(report.params + report.training_heads.params)}"
    return (Cell(text, "strong"),)


def _fix_notes(report: Report, dropping: list[str]) -> tuple[Cell, ...]:
    """Suggest fixes for layers that drop pixels: another input size, or a change to the first of these layers."""
    if not dropping or len(report.layers) > MOST_FIXED:
        return ()
    from cnncalc.solutions.fixes import describe_fix, input_fixes, layer_fixes

    texts = [describe_fix(fix) for fix in input_fixes(report.graph)]
    texts += [f"{dropping[0]}: {describe_fix(fix)}" for fix in layer_fixes(report.graph, dropping[0])]
    return tuple(Cell(f"  fix: {text}") for text in texts)


def _condition_notes(report: Report) -> tuple[Cell, ...]:
    """List the conditions on the symbols: solved for a single symbol, unchanged for coupled ones."""
    if not report.graph.conditions:
        return ()
    from cnncalc.solutions.conditions import validity

    return tuple(Cell(f"valid where {text}", "dim") for text in validity(report.graph))


class _Rows:
    """Builds the rows and collects the verdict on each layer's fit."""

    def __init__(self, batch: int, layout: Layout, with_formula: bool, verdicts: dict[str, Verdict]) -> None:
        self.batch, self.layout, self.with_formula, self.verdicts = batch, layout, with_formula, verdicts

    def of(self, layers: Iterable[LayerReport], depth: int | None) -> tuple[Row, ...]:
        """Build the rows of these layers."""
        return tuple(map(self.row, entries(layers, depth)))

    def row(self, entry: Entry) -> Row:
        """The row of a layer, of a block's header, or of a folded block."""
        layer = entry.layer
        output = Cell(shape_text(entry.last.output, self.layout, self.batch))
        if entry.header:
            return self._fill_row(Cell(entry.name, "strong"), EMPTY, output._replace(style="strong"), level=entry.level)
        if layer is None:
            return self._folded_row(entry, output)
        fit_verdict = self.verdicts[layer.name] = verdict(layer.fit)
        formula_cell = Cell(formula(layer.node, layer.fit), "dim") if self.with_formula else EMPTY
        cells = (Cell(entry.name), Cell(_words(layer)), output, fit_cell(fit_verdict), formula_cell)
        return self._fill_row(*cells, level=entry.level, record=Later(partial(_record, layer, self.layout)))

    def _fill_row(self, *cells: Cell, level: int, record: Mapping[str, object] | None = None) -> Row:
        """A row with a cell for every column."""
        columns = len(COLUMNS) + self.with_formula
        return Row((*cells, *(EMPTY,) * columns)[:columns], level, record)

    def _folded_row(self, entry: Entry, output: Cell) -> Row:
        verdicts = {layer.name: verdict(layer.fit) for layer in entry.layers}
        self.verdicts.update(verdicts)
        inside = len(entry.path) + 1
        worst = worst_of([(name[inside:], each) for name, each in verdicts.items()])
        cells = (Cell(entry.name, "strong"), Cell(plural(len(verdicts), "layer")), output, fit_cell(worst))
        record = {
            "layer": entry.path,
            "kind": "block",
            "what": plural(len(verdicts), "layer"),
            "output": shape_record(entry.last.output, self.layout),
            "fits": None if worst.grade in ("", "depends") else worst.grade == "fits",
            "unread": None,
            "leftover": None,
        }
        return self._fill_row(*cells, level=entry.level, record=record)


def _words(layer: LayerReport) -> str:
    shares = layer.node.shares
    return layer_words(layer.node) + (f", shared with {shares}" if shares else "")


def _record(layer: LayerReport, layout: Layout) -> dict[str, object]:
    fit = layer.fit
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "what": layer_words(layer.node),
        "output": shape_record(layer.output, layout),
        "fits": fit.fits if fit else None,
        "unread": fit.unread if fit else None,
        "leftover": "; ".join(map(str, fit.leftover)) if fit else None,
    }
