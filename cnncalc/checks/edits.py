"""Edits of a spec's text that leave comments and layout alone; none where the text is not plain enough to be sure.

A width that runs one past the end of a line takes its line break along.
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


def set_field(places: Places, place: Place, field: str, text: str) -> Edits:
    """A layer's field set to this text: changed where a literal stands there, else added."""
    item = place.item
    if not isinstance(item.body, LayerCall):
        return ()
    entry = entry_of(places, item)
    if entry is None:
        return ()
    key, value = entry
    if isinstance(value, Mapping):
        written = item.body.arguments.get(field)
        if places.is_aliased(value):  # what reads the alias would be changed as well
            return ()
        if written is None:
            return _added(value, field, text)
        return _changed(value, field, text) if isinstance(written, Constant) else ()
    natural = LAYERS[item.body.kind].natural
    if natural is None or natural == field or not isinstance(value, Scalar) or not _behind(key, value):
        return ()
    first, more = _like(key, natural), _like(key, field)
    return (Edit(value.span, f"{{{first}: {_in_braces(value)}, {more}: {text}}}"),)


def remove_item(place: Place) -> Edits:
    """An item of one bare word taken out of its list: its line, but for a comment; in brackets with its comma."""
    span = place.item.span
    line = span.source.line(span.line)
    before, after = line[: span.column - 1], line[span.column - 1 + span.width :]
    alone = re.fullmatch(r"(\s*)- +", before)
    if alone and re.match(r"\s+#", after):
        column, comment = len(alone[1]) + 1, line.index("#")
        return (Edit(span._replace(column=column, width=comment + 1 - column), ""),)
    if alone and not after.strip():
        return (Edit(span._replace(column=1, width=len(line) + 1), ""),)
    comma = re.search(r"\s*,\s*$", before)
    if comma and re.match(r"\s*[],]", after):
        width = len(before) - comma.start() + span.width
        return (Edit(span._replace(column=comma.start() + 1, width=width), ""),)
    return ()


def _changed(mapping: Mapping, field: str, text: str) -> Edits:
    key, value = mapping.entries[field]
    return (Edit(value.span, text),) if isinstance(value, Scalar) and _behind(key, value) else ()


def _added(mapping: Mapping, field: str, text: str) -> Edits:
    """An entry more, behind the last one whose value stands whole on the line of its key."""
    plain = [(key, value) for key, value in mapping.entries.values() if isinstance(value, Scalar)]
    for key, value in reversed(plain):
        if not _behind(key, value):
            continue
        entry = f"{_like(key, field)}: {text}"
        if mapping.flow:
            return (Edit(_end(value.span), f", {entry}"),)
        source = key.span.source
        end = len(source.line(key.span.line)) + 1
        indent = " " * (key.span.column - 1)
        return (Edit(key.span._replace(column=end, width=0), f"{_line_break(source)}{indent}{entry}"),)
    return ()


def _behind(key: Scalar, value: Scalar) -> bool:
    """Whether a value stands whole behind its key, on one line: neither an alias nor a text of several lines."""
    if key.span.line != value.span.line or value.empty:
        return False
    line = value.span.source.line(value.span.line)
    between = line[key.span.column - 1 + key.span.width : value.span.column - 1]
    shown = line[value.span.column - 1 : value.span.column - 1 + value.span.width]
    whole = shown[:1] == shown[-1:] and len(shown) > 1 if value.quoted else shown == value.text
    return whole and re.fullmatch(r"\s*:\s+", between) is not None


def _like(key: Scalar, field: str) -> str:
    """A key in the quotes of another: JSON stays JSON."""
    quote = key.span.source.line(key.span.line)[key.span.column - 1] if key.quoted else ""
    return f"{quote}{field}{quote}"


def _in_braces(value: Scalar) -> str:
    """A scalar's text as it may stand between braces."""
    line = value.span.source.line(value.span.line)
    shown = line[value.span.column - 1 : value.span.column - 1 + value.span.width]
    return f'"{shown}"' if not value.quoted and re.search(r"[][{},]", shown) else shown


def _end(span: Span) -> Span:
    return span._replace(column=span.column + span.width, width=0)


def _line_break(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
