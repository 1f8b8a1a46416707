"""Builds the view of `cnncalc list --layers`: every kind of layer, what it does, and its fields."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.layers.layer import MISSING, Layer
from cnncalc.layers.values import format_value
from cnncalc.quantities.sizes import plural
from cnncalc.render.view import Cell, Column, Row, Section, View

COLUMNS = (Column("layer"), Column("what it does", narrow="below"), Column("fields", narrow="below"))


def layers_view(layers: Iterable[type[Layer]]) -> View:
    """Build a row per kind; fields are shown with their defaults."""
    rows = tuple(map(_row, layers))
    notes = (
        Cell(f"{plural(len(rows), 'layer')}; fields as in PyTorch; cnncalc list --layers --search conv", "dim"),
        Cell("in a spec: '- relu', '- linear: 10' (main field only), '- conv: {out_channels: 8, …}'", "dim"),
    )
    return View("", (), COLUMNS, (Section("", rows),), notes if rows else (Cell("no layer matches"),))


def _row(layer: type[Layer]) -> Row:
    fields = ", ".join(_field_text(name, argument.default) for name, argument in layer.arguments.items())
    doc = summary(layer)
    cells = (Cell(layer.kind, "strong"), Cell(doc), Cell(fields, "dim"))
    return Row(cells, record={"layer": layer.kind, "doc": doc, "fields": list(layer.arguments)})


def summary(layer: type[Layer]) -> str:
    """The first line of a descriptor's docstring."""
    return (layer.__doc__ or "").strip().partition("\n")[0]


def _field_text(name: str, default: object) -> str:
    if default is MISSING or default is None:
        return name
    return f"{name}={default if isinstance(default, str) else format_value(default)}"
