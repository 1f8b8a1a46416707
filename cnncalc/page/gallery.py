"""The index of a folder of pages: a row per network with its figures, and a link to its page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from cnncalc.analysis.report import Report
from cnncalc.page.html import hash_of, styles
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.sizes import tensors_text
from cnncalc.visible import visible

COLUMNS = ("network", "year", "input", "output", "layers", "parameters", "MACs")
NUMBERS = ("layers", "parameters", "MACs")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {policy}; base-uri 'none'">
<meta name="color-scheme" content="light dark">
<title>Networks</title>
<style>{style}</style>
</head>
<body>
<main class="wrap gallery">
<h1>Networks</h1>
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def gallery_text(reports: Mapping[str, Report]) -> str:
    """The index as HTML; `reports` maps the stem of each page's file to the report that it shows."""
    style = styles()
    heads = "".join(f'<th scope="col"{_align(name)}>{name}</th>' for name in COLUMNS)
    rows = "\n".join(f"<tr>{_row(stem, report)}</tr>" for stem, report in reports.items())
    return _PAGE.format(policy=hash_of(style), style=style, heads=heads, rows=rows)


def _row(stem: str, report: Report) -> str:
    link = f'<a href="{quote(stem)}.html">{escape(visible(report.name or "a layer"))}</a>'
    texts = (
        report.about.get("year", ""),
        tensors_text(report.inputs),
        tensors_text(report.outputs),
        str(len(report.layers)),
        amount_text(report.params),
        amount_text(report.macs),
    )
    cells = [f"<td>{link}</td>"]
    cells += [f"<td{_align(name)}>{escape(visible(text))}</td>" for name, text in zip(COLUMNS[1:], texts, strict=True)]
    return "".join(cells)


def _align(name: str) -> str:
    return ' class="number"' if name in NUMBERS else ""
