"""Writes specs in one canonical style, from plain data or from a text with comments."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.writer.data import Data, from_data, spelling
from cnncalc.writer.document import document_at, document_of
from cnncalc.writer.formatting import format_text
from cnncalc.writer.layout import layout
from cnncalc.writer.tree import Collection

__all__ = ["Data", "document_at", "document_of", "format_text", "spelling", "write"]


def write(spec: Mapping[str, Data]) -> str:
    """The text of a spec given as plain data, section by section."""
    root = from_data(spec)
    assert isinstance(root, Collection)
    return layout(root)
