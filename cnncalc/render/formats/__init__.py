"""Writes a `View` or a run of `check` in a format; one file per format, registered in these tables.

A view format is a function `(view, width, *, colour) -> str`; `width` is the terminal's, in columns, or None.
A findings format is a function `(run, *, colour, failing) -> str`; `failing` holds the severities that fail a build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

VIEW_FORMATS: Mapping[str, str] = {"table": "table.table", "csv": "csv.csv_text", "markdown": "markdown.markdown"}
FINDING_FORMATS: Mapping[str, str] = {
    "text": "findings.findings_text",
    "github": "github.github_text",
    "sarif": "sarif.sarif_text",
    "junit": "junit.junit_text",
    "json": "findings_json.findings_json",
}


def load_format(table: Mapping[str, str], name: str) -> Callable[..., str]:
    """Import the module of a format and return its function."""
    module, _, function = table[name].partition(".")
    writer: Any = getattr(import_module(f"cnncalc.render.formats.{module}"), function)
    return writer  # type: ignore[no-any-return] # the tables hold functions that return text
