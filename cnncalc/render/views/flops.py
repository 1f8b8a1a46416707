"""Builds the view of `cnncalc flops`: multiply-accumulates and operations of every layer, and their shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cnncalc.analysis.cost import Passes, cost_of, training_passes
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.conventions import Convention
from cnncalc.conventions.convention import Tally
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.shares import share_text
from cnncalc.quantities.sizes import Layout, plural, shape_text
from cnncalc.render.layer_words import row_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.symbolic import Size

LAYER = (Column("layer"), Column("what it is", narrow="below"), Column("output", narrow="drop"))
Figures = Callable[[tuple[LayerReport, ...]], tuple["Size | None", ...]]
"""Maps the layers of a row to a number per column; shares are computed from the last one."""


def flops_view(
    report: Report,
    *,
    layout: Layout = "chw",
    depth: int | None = None,
    exact: bool = False,
    convention: Convention | None = None,
) -> View:
    """Build the MACs and FLOPs of one image; with a convention, the MACs and that tool's counts."""
    tally = convention.tally(report.graph) if convention else None
    columns = [Column("MACs", right=True), Column("FLOPs", right=True)]
    if convention:
        columns = [Column("MACs", right=True), Column(convention.label, right=True)]

    def figures(layers: tuple[LayerReport, ...]) -> tuple[Size | None, ...]:
        cost = cost_of(layer.node for layer in layers)
        known = (None if cost.at_least and len(layers) == 1 else cost.macs, cost.flops)
        return (known[0], _tally_sum(tally, layers)) if tally else known

    inference = [layer for layer in report.layers if not layer.node.training]
    view = _view(report, inference, columns, figures, layout, depth, exact)
    return view._replace(notes=tuple(_notes(report, exact, convention, tally)))


def training_view(report: Report, *, layout: Layout = "chw", depth: int | None = None, exact: bool = False) -> View:
    """Build the MACs of one training step on one image: forward, and backward to the inputs and to the weights."""
    passes = training_passes(report.graph)
    titles = ("forward", "to the input", "to the weights", "MACs")

    def figures(layers: tuple[LayerReport, ...]) -> tuple[Size | None, ...]:
        known = [passes[layer.name] for layer in layers]
        if None in known:
            return (None,) * 4
        sums = [sum(parts) for parts in zip(*(each or Passes() for each in known), strict=True)]
        return (*sums, sum(sums))

    columns = [Column(title, right=True, narrow="keep" if title == "MACs" else "drop") for title in titles]
    view = _view(report, list(report.layers), columns, figures, layout, depth, exact)
    forward, *_, total = figures(report.layers)
    notes = [
        f"{amount_text(total, exact)} MACs for a training step on one image: forward {amount_text(forward, exact)}",
        "backward: the same for each gradient: to the weights, and to inputs that need one (network inputs do not)",
        "matrix products only, as in PyTorch's FlopCounterMode; training heads included",
    ]
    fine_print = (Cell(note, "dim") for note in notes[1:])
    return view._replace(notes=(Cell(notes[0], "strong"), *heading.left_out_notes(report), *fine_print))


def _view(
    report: Report,
    layers: list[LayerReport],
    columns: list[Column],
    figures: Figures,
    layout: Layout,
    depth: int | None,
    exact: bool,
) -> View:
    whole = figures(tuple(layers))[-1]
    keys = [column.title.lower().replace(" ", "_") for column in columns]

    def row(entry: Entry) -> Row:
        if entry.header:
            return Row((Cell(entry.name, "strong"), *(EMPTY,) * (len(columns) + 3)), entry.level)
        counts = figures(entry.layers)
        words = row_words(entry.layer.node) if entry.layer else plural(len(entry.layers), "layer")
        shape = shape_text(entry.last.output, layout)
        cells = (Cell(entry.name, "plain" if entry.layer else "strong"), Cell(words), Cell(shape))
        record = {"layer": entry.path, "kind": entry.layer.kind if entry.layer else "block"}
        return Row(
            (*cells, *_count_cells(counts, whole, exact)),
            entry.level,
            {**record, **dict(zip(keys, counts, strict=True))},
        )

    totals = [
        count if isinstance(count, int) else 0 for count in figures(tuple(layers))
    ]  # closed forms are given in the notes
    total = (Cell("total"), EMPTY, EMPTY, *_count_cells(totals, whole, exact))
    rows = (*map(row, entries(layers, depth)), Row(tuple(cell._replace(style="strong") for cell in total), total=True))
    every = (*LAYER, *columns, Column("share", right=True))
    return View(heading.title(report), heading.facts(report, layout), every, (Section("", rows),))


def _count_cells(counts: Iterable[Size | None], whole: Size | None, exact: bool) -> tuple[Cell, ...]:
    counts = tuple(counts)
    part = counts[-1]
    share = share_text(part, whole) if part is not None and whole is not None else ""
    texts = ("" if isinstance(count, int) and count == 0 else amount_text(count, exact) for count in counts)
    return (*map(Cell, texts), Cell(share))


def _tally_sum(tally: Tally | None, layers: tuple[LayerReport, ...]) -> Size | None:
    """The sum of a tool's counts; None for a single layer that the tool does not count."""
    counts = [tally.counts[layer.name] for layer in layers] if tally else []
    return None if counts == [None] else sum(count for count in counts if count is not None)


def _notes(report: Report, exact: bool, convention: Convention | None, tally: Tally | None) -> Iterable[Cell]:
    least = "at least " if report.cost.at_least else ""
    macs, flops = amount_text(report.macs, exact), amount_text(report.flops, exact)
    yield Cell(f"{least}{macs} MACs, {least}{flops} FLOPs for one image", "strong")
    if convention and tally:
        least = "at least " if tally.at_least else ""
        yield Cell(f"{convention.label} counts {least}{amount_text(tally.total, True)} {convention.unit}", "strong")
        unknown = [name for name, count in tally.counts.items() if count is None]
        if unknown:
            yield Cell(f"it does not count {plural(len(unknown), 'layer')}, first {unknown[0]}", "warning")
    yield from heading.left_out_notes(report)
    yield Cell("MACs: multiply-accumulates of convolutions, linear layers, matrix products", "dim")
    yield Cell("FLOPs: every arithmetic operation, 2 per MAC; K, M, G are powers of 1000", "dim")
