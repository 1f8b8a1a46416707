"""Builds the view of `cnncalc shapes`: the output shape of every layer, and whether its stride fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from cnncalc.analysis.fit import Fit
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.fit_words import Verdict, verdict, worst_of
from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.quantities.sizes import Layout, count_text, least_text, plural, shape_record, shape_text
from cnncalc.render.layer_words import joins, layer_words, row_words
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
        *heading.left_out_notes(report),
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
        self._columns = len(COLUMNS) + with_formula
        self._outputs: dict[Shape, Cell] = {}  # deep networks repeat themselves: one cell for equal shapes
        self._fits: dict[int, tuple[Verdict, Cell]] = {}  # by the fit, which equal layers share
        self._kinds: dict[tuple[int, int], Cell] = {}  # by the descriptor and how many axes it reads

    def of(self, layers: Iterable[LayerReport], depth: int | None) -> tuple[Row, ...]:
        """Build the rows of these layers."""
        return tuple(map(self.row, entries(layers, depth)))

    def row(self, entry: Entry) -> Row:
        """The row of a layer, of a block's header, or of a folded block."""
        output = self._output(entry.last.output)
        if entry.header:
            return self._fill_row(Cell(entry.name, "strong"), EMPTY, Cell(output.text, "strong"), level=entry.level)
        layer = entry.layer
        if layer is None:
            return self._folded_row(entry, output)
        self.verdicts[entry.path], fit = self._fit(layer.fit)
        cells = (Cell(entry.name), self._what(layer.node), output, fit)
        record = Later(partial(_record, layer, self.layout))
        if not self.with_formula:
            return Row(cells, entry.level, record)
        from cnncalc.explanations.formulas import formula

        return Row((*cells, Cell(formula(layer.node, layer.fit), "dim")), entry.level, record)

    def _output(self, shape: Shape) -> Cell:
        cell = self._outputs.get(shape)
        if cell is None:
            cell = self._outputs[shape] = Cell(shape_text(shape, self.layout, self.batch))
        return cell

    def _what(self, node: Node) -> Cell:
        if node.shares:
            return Cell(f"{row_words(node)}, shared with {node.shares}")
        if joins(node):
            return Cell(row_words(node))
        key = (id(node.layer), len(node.shapes[0]) if node.shapes else 0)
        cell = self._kinds.get(key)
        if cell is None:
            cell = self._kinds[key] = Cell(layer_words(node))
        return cell

    def _fit(self, fit: Fit | None) -> tuple[Verdict, Cell]:
        judged = self._fits.get(id(fit))
        if judged is None:
            words = verdict(fit)
            judged = self._fits[id(fit)] = words, fit_cell(words)
        return judged

    def _fill_row(self, *cells: Cell, level: int, record: Mapping[str, object] | None = None) -> Row:
        """A row with a cell for every column."""
        return Row((*cells, *(EMPTY,) * (self._columns - len(cells))), level, record)

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
            "from": None,
        }
        return self._fill_row(*cells, level=entry.level, record=record)


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
        "from": list(layer.node.inputs),
    }
