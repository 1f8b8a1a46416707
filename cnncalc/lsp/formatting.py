"""Formatting as by `cnncalc fmt`, of a whole document or of some of its lines."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol.types import Position, Range, TextEdit

from cnncalc.errors import CnncalcError, Source
from cnncalc.lsp.state import State
from cnncalc.writer import format_text

MOST_LINES = 5_000  # of a document that is compared line by line


def format_edits(state: State, within: Range | None = None) -> list[TextEdit]:
    """The edits that format a document, or those of them that begin in a range; none if it is formatted, or broken."""
    if not state.is_own:
        return []
    try:
        text = format_text(Source(state.name, state.text.text))
    except CnncalcError:
        return []
    if text == state.text.text:
        return []
    if within is None:
        return [TextEdit(state.text.range(0, len(state.text.text)), text)]
    if state.text.lines > MOST_LINES:
        return []
    before, after = state.text.text.splitlines(keepends=True), text.splitlines(keepends=True)
    return [
        TextEdit(Range(Position(low, 0), Position(high, 0)), "".join(after[start:end]))
        for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal" and within.start.line <= low <= within.end.line
    ]
