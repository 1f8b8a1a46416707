"""CSV: one line per row that a program can read, raw values, one header line. Header rows and totals are left out."""

from __future__ import annotations

import csv
import io

from cnncalc.render.view import View


def csv_text(view: View, width: int | None = None, *, colour: bool = False) -> str:
    """The records of a view as CSV."""
    records = [row.record for row in view.rows if row.record is not None]
    if not records:
        return ""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(records[0])
    writer.writerows([_value(value) for value in record.values()] for record in records)
    return stream.getvalue()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
