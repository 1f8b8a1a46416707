"""Makes edits of a spec's text that preserve comments and layout; none if the text is too complex for a safe edit.

A span that is one column longer than its line includes the line break.
"""

from __future__ import annotations

import re

from cnncalc.checks.finding import Edit
from cnncalc.checks.places import Place, Places, entry_of
from cnncalc.document.types import Constant, LayerCall
from cnncalc.errors import Source, Span
from cnncalc.layers import LAYERS
from cnncalc.source.nodes import Mapping, Scalar

Edits = tuple[Edit, ...]

_DASH = re.compile(r"(\s*)- +")
_COMMENT = re.compile(r"\s+#")
_NOTHING = re.compile(r"\s*$")
_NEXT = re.compile(r"\s*[],]")


def set_field(places: Places, place: Place, field: str, text: str) -> Edits:
    """Set a field of a layer to this text: change a literal, or add the field; no edits if that is not safe."""
    item = place.item
    if not isinstance(item.body, LayerCall):
        return ()
    entry = entry_of(places, item)
    if entry is None:
        return ()
    key, value = entry
    if isinstance(value, Mapping):
        written = item.body.arguments.get(field)
        if places.is_aliased(value):  # the edit would also change the other users of the alias
            return ()
        if written is None:
            return _add_entry(value, field, text)
        return _change_entry(value, field, text) if isinstance(written, Constant) else ()
    natural = LAYERS[item.body.kind].natural
    if natural is None or natural == field or not isinstance(value, Scalar) or not _is_inline(key, value):
        return ()
    first, more = _quote_like(key, natural), _quote_like(key, field)
    return (Edit(value.span, f"{{{first}: {_flow_text(value)}, {more}: {text}}}"),)


def remove_item(place: Place) -> Edits:
    """Remove an item that is a single word from its list: its line except a comment, or in brackets with its comma."""
    span = place.item.span
    line = span.source.line(span.line)
    begin, end = span.column - 1, span.column - 1 + span.width
    if alone := _DASH.fullmatch(line, 0, begin):
        if _COMMENT.match(line, end):
            column, comment = len(alone[1]) + 1, line.index("#", end)
            return (Edit(span._replace(column=column, width=comment + 1 - column), ""),)
        return (Edit(span._replace(column=1, width=len(line) + 1), ""),) if _NOTHING.match(line, end) else ()
    comma = _before_spaces(line, begin) - 1
    if comma >= 0 and line[comma] == "," and _NEXT.match(line, end):
        column = _before_spaces(line, comma) + 1
        return (Edit(span._replace(column=column, width=end + 1 - column), ""),)
    return ()


def _before_spaces(line: str, end: int) -> int:
    """The end of what is before the spaces that end here. No slice, no search: the line may hold thousands of items."""
    while end and line[end - 1].isspace():
        end -= 1
    return end


def _change_entry(mapping: Mapping, field: str, text: str) -> Edits:
    key, value = mapping.entries[field]
    return (Edit(value.span, text),) if isinstance(value, Scalar) and _is_inline(key, value) else ()


def _add_entry(mapping: Mapping, field: str, text: str) -> Edits:
    """Add an entry after the last one whose whole value is on the line of its key."""
    plain = [(key, value) for key, value in mapping.entries.values() if isinstance(value, Scalar)]
    for key, value in reversed(plain):
        if not _is_inline(key, value):
            continue
        entry = f"{_quote_like(key, field)}: {text}"
        if mapping.flow:
            return (Edit(_end(value.span), f", {entry}"),)
        source = key.span.source
        end = len(source.line(key.span.line)) + 1
        indent = " " * (key.span.column - 1)
        return (Edit(key.span._replace(column=end, width=0), f"{_line_break(source)}{indent}{entry}"),)
    return ()


def _is_inline(key: Scalar, value: Scalar) -> bool:
    """Whether a value is written in full on the line of its key: neither an alias nor a multi-line text."""
    if key.span.line != value.span.line or value.empty:
        return False
    line = value.span.source.line(value.span.line)
    between = line[key.span.column - 1 + key.span.width : value.span.column - 1]
    shown = line[value.span.column - 1 : value.span.column - 1 + value.span.width]
    whole = shown[:1] == shown[-1:] and len(shown) > 1 if value.quoted else shown == value.text
    return whole and re.fullmatch(r"\s*:\s+", between) is not None


def _quote_like(key: Scalar, field: str) -> str:
    """Quote a new key like an existing one, so that JSON stays JSON."""
    quote = key.span.source.line(key.span.line)[key.span.column - 1] if key.quoted else ""
    return f"{quote}{field}{quote}"


def _flow_text(value: Scalar) -> str:
    """A scalar's text, quoted if braces require it."""
    line = value.span.source.line(value.span.line)
    shown = line[value.span.column - 1 : value.span.column - 1 + value.span.width]
    return f'"{shown}"' if not value.quoted and re.search(r"[][{},]", shown) else shown


def _end(span: Span) -> Span:
    return span._replace(column=span.column + span.width, width=0)


def _line_break(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
