"""Writes CSV: a header line, then one line of raw values per row. Block headers and totals are omitted."""

from __future__ import annotations

import csv
import io

from cnncalc.render.view import View


def csv_text(view: View, width: int | None = None, *, colour: bool = False) -> str:
    """Format the records of a view as CSV; empty if it has none."""
    records = [row.record for row in view.rows if row.record is not None]
    if not records:
        return ""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(records[0])
    writer.writerows([_value_text(value) for value in record.values()] for record in records)
    return stream.getvalue()


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
