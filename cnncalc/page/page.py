"""A page in hand: shown by a notebook, saved, opened in the browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.differences.difference import difference
from cnncalc.page.document import page_document
from cnncalc.page.html import page_text, points_text
from cnncalc.page.points import points_document
from cnncalc.page.union import Side, union_document
from cnncalc.source.replacing import replace_text
from cnncalc.spec import Spec
from cnncalc.sweeps.block import Row
from cnncalc.sweeps.where import Objective

HEIGHT = 760  # of the frame in a notebook, in pixels


class HtmlFile:
    """One HTML file that needs no other file and no network; `html` is its text."""

    def __init__(self, name: str, html: str) -> None:
        self.name, self._html = name, html

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.name or 'a layer'}>"

    @property
    def html(self) -> str:
        """The text of the file."""
        return self._html

    def save(self, path: str | Path) -> None:
        """Write the file."""
        replace_text(str(path), self.html)

    def open(self) -> Path:
        """Write the file to a temporary folder and open it in the browser; return where it is."""
        path = Path(mkdtemp(prefix="cnncalc-")) / f"{file_stem(self.name)}.html"
        self.save(path)
        webbrowser.open(path.as_uri())
        return path

    def _repr_html_(self) -> str:
        """The page in a frame, which a notebook shows."""
        frame = f'sandbox="allow-scripts" width="100%" height="{HEIGHT}" style="border: 0" title="{escape(self.name)}"'
        return f'<iframe srcdoc="{escape(self.html)}" {frame}></iframe>'


class Page(HtmlFile):
    """The page of one network."""

    def __init__(self, report: Report, spec: Spec | None = None, params: Mapping[str, Any] | None = None) -> None:
        self.report = report
        self.document = page_document(report, spec, params)
        super().__init__(report.name, page_text(self.document))


class ComparedPage(HtmlFile):
    """The page of two networks: what `diff` aligns, drawn as one."""

    def __init__(self, before: Side, after: Side) -> None:
        self.document = union_document(difference(before.report, after.report), before, after)
        super().__init__(self.document["title"], page_text(self.document, entry="compared.js"))


class SweepPage(HtmlFile):
    """The page of a sweep: its points, drawn and in a table."""

    def __init__(
        self, names: Sequence[str], rows: Sequence[Row], notes: Sequence[str] = (), objectives: Sequence[Objective] = ()
    ) -> None:
        self.document = points_document(names, rows, notes, objectives)
        super().__init__(self.document["title"], points_text(self.document))


def file_stem(name: str) -> str:
    """A network's name as the name of a file: `resnet@50`; other signs than letters and digits become `-`."""
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "@._") else "-" for sign in name)
    return kept.strip("-.")[:80] or "network"
