"""The view of `cnncalc summary`: all figures of every layer in one table, the totals in words below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from cnncalc.analysis.cost import cost_of
from cnncalc.analysis.memory import Memory
from cnncalc.analysis.parameters import Parameters, total
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.render import heading
from cnncalc.render.amounts import amount_text
from cnncalc.render.byte_words import bytes_text
from cnncalc.render.fit_words import verdict
from cnncalc.render.layer_words import layer_words
from cnncalc.render.rf import WHOLE, field_text
from cnncalc.render.sizes import Layout, count_text, plural, shape_record, shape_text, share_text, size_text
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
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
    """A column: how it is laid out; the text and the raw value for the layers of a row; whether it has a total."""

    column: Column
    text: Callable[[Asked, Layers], str]
    value: Callable[[Asked, Layers], object]
    sums: bool = False


def _what(asked: Asked, layers: Layers) -> str:
    return layer_words(layers[0].node) if len(layers) == 1 else plural(len(layers), "layer")


def _output(asked: Asked, layers: Layers) -> str:
    return shape_text(layers[-1].output, asked.layout)


def _owned(layers: Layers) -> Parameters:
    return sum((layer.parameters for layer in layers), Parameters())


def _params(asked: Asked, layers: Layers) -> Size:
    return _owned(layers).params


def _trainable(asked: Asked, layers: Layers) -> Size:
    return _owned(layers).trainable


def _buffers(asked: Asked, layers: Layers) -> Size:
    return _owned(layers).buffers


def _macs(asked: Asked, layers: Layers) -> Size | None:
    cost = cost_of(layer.node for layer in layers)
    return None if cost.at_least and len(layers) == 1 else cost.macs


def _flops(asked: Asked, layers: Layers) -> Size | None:
    cost = cost_of(layer.node for layer in layers)
    return None if cost.at_least and len(layers) == 1 else cost.flops


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
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def _activation(asked: Asked, layers: Layers) -> Size:
    return total(asked.activations[layer.name] for layer in layers)


def _fit(asked: Asked, layers: Layers) -> str:
    return verdict(layers[0].fit).cell.text if len(layers) == 1 else ""


def _share(asked: Asked, layers: Layers) -> str:
    return share_text(_params(asked, layers), asked.report.params)


def _counted(value: Callable[[Asked, Layers], Size | None]) -> Callable[[Asked, Layers], str]:
    def text(asked: Asked, layers: Layers) -> str:
        count = value(asked, layers)
        return "" if isinstance(count, int) and count == 0 else amount_text(count, asked.exact)

    return text


def _whole(value: Callable[[Asked, Layers], Size]) -> Callable[[Asked, Layers], str]:
    def text(asked: Asked, layers: Layers) -> str:
        count = value(asked, layers)
        return "" if isinstance(count, int) and count == 0 else count_text(count)

    return text


def _in_bytes(asked: Asked, layers: Layers) -> str:
    size = _activation(asked, layers)
    return "" if isinstance(size, int) and size == 0 else bytes_text(size, asked.exact)


def _right(title: str, narrow: str = "drop") -> Column:
    return Column(title, right=True, narrow="keep" if narrow == "keep" else "drop")


FIGURES = {
    "what": Figure(Column("what it is", narrow="below"), _what, _what),
    "output": Figure(Column("output"), _output, lambda asked, at: shape_record(at[-1].output, asked.layout)),
    "fit": Figure(Column("fit", narrow="below"), _fit, _fit),
    "params": Figure(_right("parameters", "keep"), _whole(_params), _params, sums=True),
    "trainable": Figure(_right("trainable"), _whole(_trainable), _trainable, sums=True),
    "buffers": Figure(_right("buffers"), _whole(_buffers), _buffers, sums=True),
    "share": Figure(_right("share"), _share, _share, sums=True),
    "macs": Figure(_right("MACs", "keep"), _counted(_macs), _macs, sums=True),
    "flops": Figure(_right("FLOPs"), _counted(_flops), _flops, sums=True),
    "field": Figure(_right("field"), _field, _field),
    "stride": Figure(_right("stride"), _stride, _stride),
    "activation": Figure(_right("activation"), _in_bytes, _activation, sums=True),
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
    sums = (figure.text(asked, layers) if figure.sums else "" for figure in figures.values())
    total_row = (Cell("total", "strong"), *(Cell(text, "strong") for text in sums))
    return Section(headline, (*rows, Row(total_row, total=True)))


def _row(asked: Asked, figures: dict[str, Figure], entry: Entry) -> Row:
    if entry.header:
        return Row((Cell(entry.name, "strong"), *(EMPTY,) * len(figures)), entry.level)
    layer, inside = entry.layer, entry.layers
    cells = (Cell(figure.text(asked, inside)) for figure in figures.values())
    values = {name: figure.value(asked, inside) for name, figure in figures.items()}
    record = {"layer": entry.path, "kind": layer.kind if layer else "block", **values}
    return Row((Cell(entry.name, "plain" if layer else "strong"), *cells), entry.level, record)


def _notes(asked: Asked, layers: Layers, columns: Sequence[str]) -> Iterable[Cell]:
    report, memory, exact = asked.report, asked.memory, asked.exact
    owned = report.totals
    text = f"{plural(len(layers), 'layer')}, {count_text(owned.params)} parameters"
    if owned.trainable != owned.params:
        text += f", {count_text(owned.trainable)} of them trainable"
    if report.training_heads.params:
        text += f"; with the training heads {count_text(owned.params + report.training_heads.params)}"
    yield Cell(text, "strong")
    least = "at least " if report.cost.at_least else ""
    macs, flops = amount_text(report.macs, exact), amount_text(report.flops, exact)
    yield Cell(f"{least}{macs} MACs, {least}{flops} FLOPs for one sample")
    yield Cell(
        f"weights {bytes_text(memory.weights, exact)}, peak of activations {bytes_text(memory.peak.bytes, exact)} "
        f"({memory.dtype}, batch {size_text(memory.batch)})"
    )
    if "field" in columns:
        yield Cell("field: receptive field in pixels of the input", "dim")
    if not exact:
        yield Cell("K, M, G are powers of 1000; KiB, MiB, GiB of 1024", "dim")
