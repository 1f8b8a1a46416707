"""The view of `cnncalc summary`: all figures of every layer in one table, the totals in words below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from cnncalc.analysis.cost import cost_of
from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import LayerReport, Report
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
from cnncalc.render.layer_words import layer_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Narrow, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.render.views.rf import WHOLE, field_text
from cnncalc.symbolic import Size

Layers: TypeAlias = Sequence[LayerReport]


class Asked(NamedTuple):
    """What the rows are made of."""

    report: Report
    memory: Memory
    layout: Layout
    exact: bool
    activations: Mapping[str, Size]  # layer → bytes of its own


class Figure(NamedTuple):
    """A column: how it is laid out, what it says of the layers of a row, and that as text and for a program."""

    column: Column
    value: Callable[[Asked, Layers], Any]
    text: Callable[[Asked, Any], str] = lambda asked, value: str(value)
    record: Callable[[Asked, Any], object] = lambda asked, value: value
    sums: bool = False  # whether it has a total


def _what(asked: Asked, layers: Layers) -> str:
    return layer_words(layers[0].node) if len(layers) == 1 else plural(len(layers), "layer")


def _fit(asked: Asked, layers: Layers) -> str:
    return verdict(layers[0].fit).text if len(layers) == 1 else ""


def _owned(figure: str) -> Callable[[Asked, Layers], Size]:
    return lambda asked, layers: total(getattr(layer.parameters, figure) for layer in layers)


def _macs(asked: Asked, layers: Layers) -> Size | None:
    return layers[0].macs if len(layers) == 1 else cost_of(layer.node for layer in layers).macs


def _flops(asked: Asked, layers: Layers) -> Size | None:
    return layers[0].flops if len(layers) == 1 else cost_of(layer.node for layer in layers).flops


def _field(asked: Asked, layers: Layers) -> str:
    """Of every network input that the layer sees; its name where there are several."""
    texts = {
        name: WHOLE if found.only_whole else field_text(found) for name, found in layers[-1].receptive_field.items()
    }
    if len(asked.report.inputs) == 1:
        return "".join(texts.values())
    return ", ".join(f"{name} {text}" for name, text in texts.items())


def _stride(asked: Asked, layers: Layers) -> str:
    found = next(iter(layers[-1].receptive_field.values()), None)
    if found is None or found.only_whole:
        return ""
    texts = ["" if stride is None else str(stride) for stride in found.stride]
    return alike(texts)


def _activation(asked: Asked, layers: Layers) -> Size:
    return total(asked.activations[layer.name] for layer in layers)


def _count_text(asked: Asked, count: Size) -> str:
    return "" if isinstance(count, int) and count == 0 else count_text(count)


def _amount_text(asked: Asked, count: Size | None) -> str:
    return "" if isinstance(count, int) and count == 0 else amount_text(count, asked.exact)


def _bytes_text(asked: Asked, size: Size) -> str:
    return "" if isinstance(size, int) and size == 0 else bytes_text(size, asked.exact)


def _share_record(asked: Asked, params: Size) -> float | None:
    whole = asked.report.params
    return round(params / whole, 6) if isinstance(params, int) and isinstance(whole, int) and whole else None


def _summed(title: str, value: Callable[[Asked, Layers], Any], text: Callable[[Asked, Any], str]) -> Figure:
    narrow: Narrow = "keep" if title in ("parameters", "MACs") else "drop"
    return Figure(Column(title, right=True, narrow=narrow), value, text, sums=True)


PARAMS = _owned("params")
FIGURES = {
    "what": Figure(Column("what it is", narrow="below"), _what),
    "output": Figure(
        Column("output"),
        lambda asked, layers: layers[-1].output,
        lambda asked, shape: shape_text(shape, asked.layout),
        lambda asked, shape: shape_record(shape, asked.layout),
    ),
    "fit": Figure(Column("fit", narrow="below"), _fit),
    "params": _summed("parameters", PARAMS, _count_text),
    "trainable": _summed("trainable", _owned("trainable"), _count_text),
    "buffers": _summed("buffers", _owned("buffers"), _count_text),
    "share": _summed("share", PARAMS, lambda asked, params: share_text(params, asked.report.params))._replace(
        record=_share_record
    ),
    "macs": _summed("MACs", _macs, _amount_text),
    "flops": _summed("FLOPs", _flops, _amount_text),
    "field": Figure(Column("field", right=True, narrow="drop"), _field),
    "stride": Figure(Column("stride", right=True, narrow="drop"), _stride),
    "activation": _summed("activation", _activation, _bytes_text),
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
    """All of a network in one table; `columns` are names of `FIGURES`, in the order in which they are shown."""
    activations = {activation.name: activation.bytes for activation in memory.activations}
    asked = Asked(report, memory, layout, exact, activations)
    figures = {name: FIGURES[name] for name in columns}
    main = [layer for layer in report.layers if not layer.node.training]
    heads = [layer for layer in report.layers if layer.node.training]
    sections = [_section(asked, figures, "", main, depth)]
    if heads:
        sections.append(_section(asked, figures, heading.TRAINING_HEADS, heads, depth))
    every = (Column("layer"), *(figure.column for figure in figures.values()))
    notes = tuple(_notes(asked, main, columns))
    return View(heading.title(report), heading.facts(report, layout), every, tuple(sections), notes)


def _section(
    asked: Asked, figures: dict[str, Figure], headline: str, layers: list[LayerReport], depth: int | None
) -> Section:
    rows = [_row(asked, figures, entry) for entry in entries(layers, depth)]
    partial = _partial(layers)
    sums = (
        ("≥ " if name in partial else "") + figure.text(asked, figure.value(asked, layers)) if figure.sums else ""
        for name, figure in figures.items()
    )
    total_row = (Cell("total", "strong"), *(Cell(text, "strong") for text in sums))
    return Section(headline, (*rows, Row(total_row, total=True)))


def _partial(layers: list[LayerReport]) -> set[str]:
    """The figures whose total is only a part, as some layer's is not known."""
    owned = {"params", "trainable"} if any(layer.parameters.at_least for layer in layers) else set()
    costs = {"macs", "flops"} if cost_of(layer.node for layer in layers).at_least else set()
    return owned | costs


def _row(asked: Asked, figures: dict[str, Figure], entry: Entry) -> Row:
    if entry.header:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * len(figures)), entry.level)
    layer = entry.layer
    values = [(name, figure, figure.value(asked, entry.layers)) for name, figure in figures.items()]
    record: dict[str, object] = {"layer": entry.path, "kind": layer.kind if layer else "block"}
    record |= {name: figure.record(asked, value) for name, figure, value in values}
    cells = (Cell(figure.text(asked, value)) for _, figure, value in values)
    return Row((Cell(entry.name, "plain" if layer else "strong"), *cells), entry.level, record)


def _notes(asked: Asked, layers: Layers, columns: Sequence[str]) -> Iterable[Cell]:
    report, memory, exact = asked.report, asked.memory, asked.exact
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
    if "field" in columns:
        yield Cell("field: receptive field in input pixels", "dim")
    if not exact:
        yield Cell("K, M, G are powers of 1000; KiB, MiB, GiB of 1024", "dim")
