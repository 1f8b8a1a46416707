"""Writes the points of a sweep: CSV and JSON lines block by block, and a table of the points that are kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from cnncalc.analysis.figures import FIGURES
from cnncalc.document.expectations import BYTES
from cnncalc.expression.values import show
from cnncalc.quantities.amounts import UNKNOWN, amount_text
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.measures import seconds_text
from cnncalc.quantities.sizes import shape_record, tensors_text
from cnncalc.render.formats.csv import guarded
from cnncalc.render.formats.json import escape_json
from cnncalc.render.view import Cell, Column, Row, Section, View
from cnncalc.sweeps.timing import TIME

TENSORS = ("input", "output")
TITLES = {
    "params": "parameters",
    "macs": "MACs",
    "flops": "FLOPs",
    "peak_memory": "peak",
    "activation_memory": "activations",
}
COUNTS = ("params", "trainable", "buffers", "layers")  # shown with all their digits


def csv_lines(names: Sequence[str], columns: Sequence[Iterable[object]]) -> str:
    """Format points as CSV without a header: raw values, shapes as 3x224x224, empty fields for unknown figures."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    texts = (
        map(_csv_shape if name in TENSORS else _csv_value, each) for name, each in zip(names, columns, strict=True)
    )
    writer.writerows(zip(*texts, strict=True))
    return stream.getvalue()


def csv_header(names: Sequence[str]) -> str:
    """Format the column names as the first line of CSV."""
    return ",".join(names) + "\n"


def json_lines(names: Sequence[str], columns: Sequence[Iterable[object]]) -> str:
    """Format points as JSON, one object per line: shapes as lists, null for unknown figures."""
    encode = json.JSONEncoder(ensure_ascii=False, default=_json_value).encode
    return escape_json("".join(encode(dict(zip(names, row, strict=True))) + "\n" for row in zip(*columns, strict=True)))


def sweep_view(names: Sequence[str], rows: Sequence[Sequence[object]], notes: Sequence[str] = ()) -> View:
    """Build a table of points; a single network becomes the title, and the error column appears only if needed."""
    networks = dict.fromkeys(str(row[0]) for row in rows)
    shown = [
        place
        for place, name in enumerate(names)
        if (name != "network" or len(networks) > 1) and (name != "error" or any(row[place] is not None for row in rows))
    ]
    columns = tuple(_column(names[place]) for place in shown)
    cells = [tuple(_cell(names[place], row[place], row[-1] is not None) for place in shown) for row in rows]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    body = tuple(Row(each, 0, record) for each, record in zip(cells, records, strict=True))
    title = next(iter(networks)) if len(networks) == 1 else ""
    return View(title, (), columns, (Section("", body),), tuple(map(Cell, notes)))


def _column(name: str) -> Column:
    if name == "error":
        return Column("why it is invalid", narrow="below")
    return Column(TITLES.get(name, name), right=name in FIGURES or name == TIME)


def _cell(name: str, value: object, invalid: bool) -> Cell:
    if name == "error":
        return Cell(str(value), "warning") if value is not None else Cell()
    if value is None:
        return Cell() if invalid or name in TENSORS else Cell(UNKNOWN)
    return Cell(_text(name, value))


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in BYTES and isinstance(value, int):
        return bytes_text(value)
    if name in FIGURES and isinstance(value, int):
        return amount_text(value, exact=name in COUNTS)
    if name == TIME and isinstance(value, Fraction):
        return seconds_text(float(value))
    if name in TENSORS:
        return tensors_text(value if isinstance(value, dict) else {"": value})  # type: ignore[dict-item]
    return show(value)


def _csv_value(value: object) -> object:
    if type(value) is int:  # most are
        return value
    if isinstance(value, bool | Fraction):
        return show(value)
    return guarded(value) if isinstance(value, str) else value


def _csv_shape(value: object) -> object:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, dict):
        return guarded(" ".join(f"{name}={shape_record(shape)}" for name, shape in value.items()))
    return value


def _json_value(value: object) -> object:
    """Encode a fraction as a number if that is exact, else as a text: 1/3."""
    if isinstance(value, Fraction):
        number = float(value)
        return number if Fraction(repr(number)) == value else show(value)
    raise TypeError(type(value).__name__)


Lines = Callable[[Sequence[str], Sequence[Iterable[object]]], str]
