"""Builds the view of `cnncalc summary`: all figures of every layer in one table, with the totals in words below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeAlias

from cnncalc.analysis.cost import cost_of
from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.field_words import AND_WHOLE, beside_text, brief_text, tensor_name
from cnncalc.explanations.fit_words import verdict
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.shares import share_text
from cnncalc.quantities.sizes import (
    Layout,
    alike,
    count_text,
    least_text,
    plural,
    shape_record,
    shape_text,
    size_text,
)
from cnncalc.records import NamedTuple
from cnncalc.render.layer_words import layer_words, row_words, source_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Narrow, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.symbolic import Size

Layers: TypeAlias = Sequence[LayerReport]


class Context(NamedTuple):
    """The data and options from which rows are built."""

    report: Report
    memory: Memory
    layout: Layout
    exact: bool
    activations: Mapping[str, Size]  # layer → bytes that it owns
    sources: bool  # whether what a layer reads has a column of its own


class Figure(NamedTuple):
    """A column: its layout, the value for the layers of a row, and that value as text and as a record."""

    column: Column
    value: Callable[[Context, Layers], Any]
    text: Callable[[Context, Any], str] = lambda context, value: str(value)
    record: Callable[[Context, Any], object] = lambda context, value: value
    sums: bool = False  # whether the total row has a sum


def _layer_text(context: Context, layers: Layers) -> str:
    words = layer_words if context.sources else row_words
    return words(layers[0].node) if len(layers) == 1 else plural(len(layers), "layer")


def _sources(context: Context, layers: Layers) -> tuple[str, list[str]]:
    """The path of a layer or block, and the tensors that it reads, a block from outside of it."""
    own = {layer.name for layer in layers}
    read = dict.fromkeys(name for layer in layers for name in layer.node.inputs if name not in own)
    first, last = layers[0].name.split("."), layers[-1].name.split(".")
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return ".".join(part for part, _ in shared), list(read)


def _fit_text(context: Context, layers: Layers) -> str:
    return verdict(layers[0].fit).text if len(layers) == 1 else ""


def _parameter_figure(figure: str) -> Callable[[Context, Layers], Size]:
    return lambda context, layers: total(getattr(layer.parameters, figure) for layer in layers)


def _macs(context: Context, layers: Layers) -> Size | None:
    return layers[0].macs if len(layers) == 1 else cost_of(layer.node for layer in layers).macs


def _flops(context: Context, layers: Layers) -> Size | None:
    return layers[0].flops if len(layers) == 1 else cost_of(layer.node for layer in layers).flops


def _field_text(context: Context, layers: Layers) -> str:
    """The receptive field in every network input, labelled with its name if there are several."""
    texts = {name: brief_text(field) for name, field in layers[-1].receptive_field.items()}
    if len(context.report.inputs) == 1:
        return "".join(texts.values())
    return ", ".join(f"{name} {text}" for name, text in texts.items())


def _stride_text(context: Context, layers: Layers) -> str:
    field = next(iter(layers[-1].receptive_field.values()), None)
    if field is None or field.only_whole:
        return ""
    texts = ["" if stride is None else str(stride) for stride in field.stride]
    return alike(texts)


def _activation(context: Context, layers: Layers) -> Size:
    return total(context.activations[layer.name] for layer in layers)


def _count_text(context: Context, count: Size) -> str:
    return "" if isinstance(count, int) and count == 0 else count_text(count)


def _amount_text(context: Context, count: Size | None) -> str:
    return "" if isinstance(count, int) and count == 0 else amount_text(count, context.exact)


def _bytes_text(context: Context, size: Size) -> str:
    return "" if isinstance(size, int) and size == 0 else bytes_text(size, context.exact)


def _share_record(context: Context, params: Size) -> float | None:
    whole = context.report.params
    return round(params / whole, 6) if isinstance(params, int) and isinstance(whole, int) and whole else None


def _summed_figure(title: str, value: Callable[[Context, Layers], Any], text: Callable[[Context, Any], str]) -> Figure:
    narrow: Narrow = "keep" if title in ("parameters", "MACs") else "drop"
    return Figure(Column(title, right=True, narrow=narrow), value, text, sums=True)


PARAMS = _parameter_figure("params")
FIGURES = {
    "what": Figure(Column("what it is", narrow="below"), _layer_text),
    "from": Figure(
        Column("from", narrow="below"),
        _sources,
        lambda context, sources: source_words(*sources),
        lambda context, sources: " ".join(sources[1]),
    ),
    "output": Figure(
        Column("output"),
        lambda context, layers: layers[-1].output,
        lambda context, shape: shape_text(shape, context.layout),
        lambda context, shape: shape_record(shape, context.layout),
    ),
    "fit": Figure(Column("fit", narrow="below"), _fit_text),
    "params": _summed_figure("parameters", PARAMS, _count_text),
    "trainable": _summed_figure("trainable", _parameter_figure("trainable"), _count_text),
    "buffers": _summed_figure("buffers", _parameter_figure("buffers"), _count_text),
    "share": _summed_figure(
        "share", PARAMS, lambda context, params: share_text(params, context.report.params)
    )._replace(record=_share_record),
    "macs": _summed_figure("MACs", _macs, _amount_text),
    "flops": _summed_figure("FLOPs", _flops, _amount_text),
    "field": Figure(Column("field", right=True, narrow="drop"), _field_text),
    "stride": Figure(Column("stride", right=True, narrow="drop"), _stride_text),
    "activation": _summed_figure("activation", _activation, _bytes_text),
}
SHOWN = ("what", "output", "params", "macs", "field", "activation")


def summary_view(
    report: Report,
    memory: Memory,
    *,
    columns: Sequence[str] = SHOWN,
    layout: Layout = "chw",
    depth: int | None = None,
    exact: bool = False,
) -> View:
    """Build the table of all figures; `columns` are keys of `FIGURES`, in display order."""
    activations = {activation.name: activation.bytes for activation in memory.activations}
    context = Context(report, memory, layout, exact, activations, "from" in columns)
    figures = {name: FIGURES[name] for name in columns}
    main = [layer for layer in report.layers if not layer.node.training]
    heads = [layer for layer in report.layers if layer.node.training]
    sections = [_section(context, figures, "", main, depth)]
    if heads:
        sections.append(_section(context, figures, heading.TRAINING_HEADS, heads, depth))
    every = (Column("layer"), *(figure.column for figure in figures.values()))
    notes = tuple(_notes(context, main, columns))
    return View(heading.title(report), heading.facts(report, layout), every, tuple(sections), notes)


def _section(
    context: Context, figures: dict[str, Figure], headline: str, layers: list[LayerReport], depth: int | None
) -> Section:
    rows = [_row(context, figures, entry) for entry in entries(layers, depth)]
    lower_bounds = _lower_bounds(layers)
    sums = (
        ("≥ " if name in lower_bounds else "") + figure.text(context, figure.value(context, layers))
        if figure.sums
        else ""
        for name, figure in figures.items()
    )
    total_row = (Cell("total", "strong"), *(Cell(text, "strong") for text in sums))
    return Section(headline, (*rows, Row(total_row, total=True)))


def _lower_bounds(layers: list[LayerReport]) -> set[str]:
    """The figures whose total is a lower bound because some layer's figure is unknown."""
    owned = {"params", "trainable"} if any(layer.parameters.at_least for layer in layers) else set()
    costs = {"macs", "flops"} if cost_of(layer.node for layer in layers).at_least else set()
    return owned | costs


def _row(context: Context, figures: dict[str, Figure], entry: Entry) -> Row:
    if entry.header:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * len(figures)), entry.level)
    layer = entry.layer
    values = [(name, figure, figure.value(context, entry.layers)) for name, figure in figures.items()]
    record: dict[str, object] = {"layer": entry.path, "kind": layer.kind if layer else "block"}
    record |= {name: figure.record(context, value) for name, figure, value in values}
    cells = (Cell(figure.text(context, value)) for _, figure, value in values)
    return Row((Cell(entry.name, "plain" if layer else "strong"), *cells), entry.level, record)


def _notes(context: Context, layers: Layers, columns: Sequence[str]) -> Iterable[Cell]:
    report, memory, exact = context.report, context.memory, context.exact
    owned = report.totals
    text = f"{plural(len(layers), 'layer')}, {least_text(owned.params, owned.at_least)} parameters"
    if owned.trainable != owned.params:
        text += f", of which {count_text(owned.trainable)} trainable"
    if report.has_training_heads:
        text += f"; with training heads {count_text(owned.params + report.training_heads.params)}"
    yield Cell(text, "strong")
    least = "at least " if report.cost.at_least else ""
    macs, flops = amount_text(report.macs, exact), amount_text(report.flops, exact)
    yield Cell(f"{least}{macs} MACs, {least}{flops} FLOPs for one sample")
    yield Cell(
        f"weights {bytes_text(memory.weights, exact)}, peak activations {bytes_text(memory.peak.bytes, exact)} "
        f"({memory.dtype}, batch {size_text(memory.batch)})"
    )
    yield from heading.left_out_notes(report)
    if "field" in columns:
        yield from (Cell(text, "dim") for text in _field_legend(report, layers))
    if not exact:
        yield Cell("K, M, G are powers of 1000; KiB, MiB, GiB of 1024", "dim")


def _field_legend(report: Report, layers: Layers) -> Iterable[str]:
    """Yield what the figures of the column mean, and what is seen beside them; nothing for networks on vectors."""
    ranks = {len(shape) for shape in report.inputs.values()} - {0, 1}
    if ranks:
        yield f"field: receptive field in input {'positions' if ranks == {2} else 'pixels'}"
    alone = len(report.inputs) == 1
    seen = (each for layer in layers for each in layer.receptive_field.items())
    joined = dict.fromkeys(beside_text(field, tensor_name(name, field, alone)) for name, field in seen)
    joined.pop("", None)
    if joined:
        yield f"{AND_WHOLE}: beside it, {' or '.join(joined)}"
