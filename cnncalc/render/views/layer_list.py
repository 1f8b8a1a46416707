"""Builds the view of `cnncalc list --layers`: every layer, what it does and its fields; and the structural keys."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.layers.layer import MISSING, Layer
from cnncalc.layers.values import format_value
from cnncalc.manual import Page
from cnncalc.quantities.sizes import plural
from cnncalc.render.view import Cell, Column, Row, Section, View

COLUMNS = (Column("layer"), Column("what it does", narrow="below"), Column("fields", narrow="below"))


def layers_view(layers: Iterable[type[Layer]], keys: Iterable[Page] = ()) -> View:
    """Build a row per kind, fields with their defaults, and a row per structural key."""
    rows = tuple(map(_row, layers))
    about_layers = (
        Cell(f"{plural(len(rows), 'layer')}; fields as in PyTorch; cnncalc list --layers --search conv", "dim"),
        Cell("in a spec: '- relu', '- linear: 10' (main field only), '- conv: {out_channels: 8, …}'", "dim"),
    )
    notes = (
        *(about_layers if rows else ()),
        Cell("cnncalc help conv explains a layer and its fields, cnncalc help residual a key", "dim"),
    )
    sections = (Section("", rows), Section("structural keys", tuple(map(_key_row, keys))))
    filled = tuple(section for section in sections if section.rows)
    return View("", (), COLUMNS, filled, notes if filled else (Cell("no layer matches"),))


def _key_row(page: Page) -> Row:
    cells = (Cell(page.name, "strong"), Cell(page.summary.replace("`", "")), Cell())
    return Row(cells, record={"key": page.name, "doc": page.summary})


def _row(layer: type[Layer]) -> Row:
    fields = ", ".join(field_text(name, argument.default) for name, argument in layer.arguments.items())
    doc = summary(layer)
    cells = (Cell(layer.kind, "strong"), Cell(doc), Cell(fields, "dim"))
    return Row(cells, record={"layer": layer.kind, "doc": doc, "fields": list(layer.arguments)})


def summary(layer: type[Layer]) -> str:
    """The first line of a descriptor's docstring."""
    return (layer.__doc__ or "").strip().partition("\n")[0]


def field_text(name: str, default: object) -> str:
    """A field with its default, if it has one: stride=1."""
    if default is MISSING or default is None:
        return name
    return f"{name}={default if isinstance(default, str) else format_value(default)}"
