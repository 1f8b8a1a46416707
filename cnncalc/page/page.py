"""A page in hand: shown by a notebook, saved, opened in the browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.page.document import page_document
from cnncalc.page.html import page_text
from cnncalc.source.replacing import replace_text
from cnncalc.spec import Spec

HEIGHT = 760  # of the frame in a notebook, in pixels


class Page:
    """The page of one network; `html` is the whole file."""

    def __init__(self, report: Report, spec: Spec | None = None, params: Mapping[str, Any] | None = None) -> None:
        self.report = report
        self.document = page_document(report, spec, params)
        self.name = report.name

    def __repr__(self) -> str:
        return f"<Page of {self.name or 'a layer'}>"

    @property
    def html(self) -> str:
        """The file: one page that needs no other file and no network."""
        return page_text(self.document)

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


def file_stem(name: str) -> str:
    """A network's name as the name of a file: `resnet@50`; other signs than letters and digits become `-`."""
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "@._") else "-" for sign in name)
    return kept.strip("-.")[:80] or "network"
