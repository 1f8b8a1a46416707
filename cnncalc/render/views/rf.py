"""Builds the view of `cnncalc rf`: the receptive field of every layer in the inputs, or in another layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from cnncalc.analysis.field.receptive_field import Fields, ReceptiveField
from cnncalc.analysis.record import field_record
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.field_words import beside_text, field_text, tensor_name
from cnncalc.quantities.decimals import fraction_text
from cnncalc.quantities.shares import share_text
from cnncalc.quantities.sizes import Layout, alike, plural, size_text
from cnncalc.render.layer_words import row_words
from cnncalc.render.tree import Entry, entries
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View
from cnncalc.render.views import heading
from cnncalc.render.views.landmarks import Seen, landmark_notes
from cnncalc.symbolic import Size

COLUMNS = (
    *heading.NAMED,
    Column("field", right=True),
    Column("stride", right=True),
    Column("padding", right=True, narrow="drop"),
    Column("centre", right=True, narrow="drop"),
    Column("share", right=True, narrow="drop"),
    Column("", narrow="below"),
)


def fields_view(
    report: Report,
    fields: Mapping[str, Fields],
    *,
    layout: Layout = "chw",
    depth: int | None = None,
    of: str | None = None,
) -> View:
    """Build the receptive fields of all layers, or of the layer or block `of`, a section per tensor that is seen."""
    layers = [layer for layer in report.layers if of is None or belongs_to(layer.name, of)]
    seen = list(dict.fromkeys(name for layer in layers for name in fields[layer.name]))
    sections: list[Section] = []
    notes: list[Cell] = []
    for name in seen:
        seeing = [layer for layer in layers if name in fields[layer.name]]
        headline = f"of {name}" if len(seen) > 1 or name not in report.inputs else ""
        sections += _sections(headline, seeing, fields, name, depth)
        main = [Seen(layer.name, fields[layer.name][name]) for layer in seeing if not layer.node.training]
        notes += landmark_notes(main, name, alone=not headline)
    notes += [Cell("nothing is seen", "dim")] * (not seen)
    notes += heading.left_out_notes(report)
    return View(heading.title(report), heading.facts(report, layout), COLUMNS, tuple(sections), tuple(notes))


def belongs_to(name: str, of: str) -> bool:
    """Whether a layer has the given name or belongs to the block of that name."""
    return name == of or name.startswith(f"{of}.")


def _sections(
    headline: str, layers: list[LayerReport], fields: Mapping[str, Fields], name: str, depth: int | None
) -> list[Section]:
    """Build the fields in one tensor: a section for inference layers, and one for training heads."""
    main, heads = ([layer for layer in layers if layer.node.training is training] for training in (False, True))
    alone = not headline
    sections = [Section(headline, _rows(main, fields, name, depth, alone))] if main else []
    return sections + ([Section(heading.TRAINING_HEADS, _rows(heads, fields, name, depth, alone))] if heads else [])


def _rows(
    layers: Iterable[LayerReport], fields: Mapping[str, Fields], name: str, depth: int | None, alone: bool
) -> tuple[Row, ...]:
    def row(entry: Entry) -> Row:
        if entry.header:
            return Row((Cell(entry.name, "strong"), *(EMPTY,) * (len(COLUMNS) - 1)), entry.level)
        field = fields[entry.last.name][name]
        words = row_words(entry.layer.node) if entry.layer else plural(len(entry.layers), "layer")
        kind = entry.layer.kind if entry.layer else "block"
        record = {"layer": entry.path, "kind": kind, "of": name, **_flat_record(field)}
        title = Cell(entry.name, "plain" if entry.layer else "strong")
        where = tensor_name(name, field, alone)
        return Row((title, Cell(words), *_field_cells(field, where)), entry.level, record)

    return tuple(map(row, entries(layers, depth)))


def _field_cells(field: ReceptiveField, where: str) -> tuple[Cell, ...]:
    if field.only_whole:
        return (Cell(field_text(field)), *(EMPTY,) * 3, Cell(_share_text(field)), EMPTY)
    texts = (
        field_text(field),
        _axes_text(field.stride),
        _axes_text(field.padding),
        _axes_text(field.centre),
        _share_text(field),
    )
    return (*map(Cell, texts), Cell(*_remark(field, where)))


def _axes_text(values: tuple[Size | Fraction | None, ...]) -> str:
    """Format values per axis: one number if the axes agree, else one per axis."""
    texts = [_number_text(value) for value in values]
    return alike(text or "?" for text in texts) if any(texts) else ""


def _number_text(value: Size | Fraction | None) -> str:
    if value is None:
        return ""
    return fraction_text(value) if isinstance(value, Fraction) else size_text(value)


def _share_text(field: ReceptiveField) -> str:
    return "" if field.share is None else share_text(*field.share.as_integer_ratio())


def _remark(field: ReceptiveField, where: str) -> tuple[str, Any]:
    if not all(axis.known for axis in field.axes):
        return "depends on the input", "dim"
    beside = beside_text(field, where)
    remarks = [f"plus {beside}"] if beside else []
    if field.aligned is False:
        remarks.append("paths are not aligned")
    return ", ".join(remarks), "dim"


def _flat_record(field: ReceptiveField) -> dict[str, object]:
    """Return the field as a flat record; axes are separated by spaces."""
    record = field_record(field)
    texts = {
        key: " ".join("" if each is None else str(each) for each in value) if isinstance(value, list) else value
        for key, value in record.items()
    }
    return {**texts, "share": None if field.share is None else round(float(field.share), 6)}
