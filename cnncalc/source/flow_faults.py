"""Translates PyYAML's errors inside brackets and braces into faults."""

from __future__ import annotations

import re

from cnncalc.errors import Fault, Span
from cnncalc.source.located import LocatedError, quote_from, start_of_value

_OPENING = {"{": "}", "[": "]", "(": ")"}
_LAST_WORD = re.compile(r"(?:^|[\s\]}\"'])([A-Za-z_]\w*)$")
_QUOTED_LOOP = re.compile(r"""["']([^"']*\{[^"']*)["']( +for +\w+ +in +[^],]+)""")  # only the name is quoted


def flow_fault(error: LocatedError) -> Fault | None:
    """An error inside brackets or braces."""
    if not error.is_flow:
        return None
    opening, sign = error.char(error.opened), error.char(error.place)
    if opening not in ("[", "{") and error.at_end:
        return Fault("a bracket or brace is never closed", _last_character(error), "close it here")
    if sign in ("]", "}") and sign != _OPENING.get(opening):
        return Fault(f"'{sign}' cannot close '{opening}'", error.place, f"write '{_OPENING.get(opening)}'")
    if "node content" in error.problem and not error.at_end:
        return Fault(f"expected a value, got '{sign}'", error.place, "delete it, or write the value before it")
    if sign in _OPENING and sign and error.before(error.place)[-1:].strip():
        start = start_of_value(error.before(error.place))
        span = error.place._replace(column=start + 1, width=error.place.column - start)
        return Fault(f"'{sign}' inside {_name_brackets(opening)} starts a value of its own", span, quote_from(span))
    if error.at_end or (error.place.line > error.opened.line and not _closes(error)):
        return Fault(f"'{opening}' is never closed", error.opened, f"close it with '{_OPENING.get(opening, opening)}'")
    return _missing_comma(error, opening, sign)


def _missing_comma(error: LocatedError, opening: str, sign: str) -> Fault:
    """`{out_channels: 8 stride: 2}`, `[[relu] [tanh]]`, or a value that has to be quoted."""
    place, hint = error.place, "put a comma before it, or quote the whole value"
    if loop := _QUOTED_LOOP.search(error.source.line(place.line)):
        hint = f'quote all of it: "{loop[1]}{loop[2].rstrip()}"'
    elif sign == ":" and (match := _LAST_WORD.search(error.before(place))):
        place = place._replace(column=match.start(1) + 1, width=len(match[1]))
        hint = f"put a comma before '{match[1]}'"
    elif sign in _OPENING:
        hint = "put a comma before it"
    return Fault(f"expected a comma or '{_OPENING.get(opening)}' here", place, hint)


def _closes(error: LocatedError) -> bool:
    """Whether the bracket that was opened is closed on the line of the problem, or before it."""
    first, last = error.opened.line, error.place.line
    text = "\n".join(error.source.line(number) for number in range(first, last + 1))[error.opened.column - 1 :]
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth == 0:
            return True
    return False


def _last_character(error: LocatedError) -> Span:
    text = error.source.text.rstrip()
    return Span(error.source, text.count("\n") + 1, len(text) - text.rfind("\n") - 1)


def _name_brackets(opening: str) -> str:
    return "braces" if opening == "{" else "brackets"
