"""Formats the text of a spec in the canonical style."""

from __future__ import annotations

from cnncalc.document import read_document
from cnncalc.errors import Source, SpecError, UsageError
from cnncalc.source.reading import parse, scan
from cnncalc.writer.layout import layout
from cnncalc.writer.reading import read_tree
from cnncalc.writer.same import same


def format_text(source: Source) -> str:
    """The same spec in the canonical style, with its comments; formatting is idempotent.

    Raises:
        SpecError: the spec has faults; all that can be told apart are listed.
        UsageError: formatting would change the meaning, which is a bug in cnncalc.
    """
    root, faults = scan(source)
    if root is None:
        raise SpecError(faults)
    if aside := read_document(source, root, faults).aside:
        raise SpecError(aside)
    text = layout(read_tree(source.text))
    if "\r\n" in source.text:
        text = text.replace("\n", "\r\n")
    try:
        unchanged = same(root, parse(Source(source.name, text)))
    except SpecError:
        unchanged = False
    if not unchanged:
        raise UsageError(f"{source.name}: not changed: the canonical form would not be equivalent (a bug in cnncalc)")
    return text
