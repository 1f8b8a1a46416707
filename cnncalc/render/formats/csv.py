"""Writes CSV: a header line, then one line of raw values per row. Block headers and totals are omitted."""

from __future__ import annotations

import csv
import io
import re
from functools import lru_cache

from cnncalc.render.view import View
from cnncalc.visible import visible, without_commands

_FORMULA = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
# Numbers, lists of numbers, and closed forms, which spreadsheets may compute with.
_SYMBOL = r"(?<![A-Za-z])[A-Z][0-9]*(?![A-Za-z0-9(])"
_NUMBERS = rf"(?:[-+0-9.,;/×*^%() ]|(?<=[0-9])e(?=[-+0-9])|(?<=[0-9)])x(?=[0-9(])|{_SYMBOL})*"


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
        value = " ".join(map(str, value))
    return "" if value is None else guarded(str(value))


@lru_cache(maxsize=1024)  # the columns of a table repeat their words
def guarded(text: str) -> str:
    """A text that a spreadsheet does not take for a formula, nor a runner for a command: an apostrophe precedes it.

    Numbers stay as they are. Characters that are not seen become escapes, so that no text begins with a tab.
    """
    text, start = visible(text), text.lstrip()
    formula = start[:1] in _FORMULA and not re.fullmatch(_NUMBERS, text)
    text = without_commands(text) if "##" in text else text
    return f"'{text}" if (start and formula) or start.startswith("::") else text
