"""PyYAML's scanner and parser errors → our faults: what was probably meant, where, and the fix.

libyaml and the pure loader word their problems differently but find them in the same places: only
what both say is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.errors import Fault, Source, Span
from cnncalc.source import traps as yaml_traps
from cnncalc.source.builder import DEEPEST

if TYPE_CHECKING:
    from yaml import Mark, MarkedYAMLError

_DASH_LINE = re.compile(r"(?:\s*(?:- +)*)(-[A-Za-z$][\w$]*)")
_COLON_LINE = re.compile(r"(?:\s*(?:- +)*)(([A-Za-z_$][\w.]*):(?!//)([^\s#].*?))\s*$")
_BARE_ITEM = re.compile(r"\s*(?:- +)+([A-Za-z_$][\w$]*)\s*(?:#.*)?")
_OPENING = {"{": "}", "[": "]", "(": ")"}
_ALIGNED = ("expected <block end>", "did not find expected key", "did not find expected '-' indicator")


class _Problem:
    """One YAML error, its marks turned into places of the source."""

    def __init__(self, error: MarkedYAMLError, source: Source) -> None:
        self.source = source
        self.context = error.context or ""
        self.problem = error.problem or ""
        self.place = self._span(error.problem_mark or error.context_mark)
        self.opened = self._span(error.context_mark or error.problem_mark)
        self.at_end = error.problem_mark is not None and error.problem_mark.index >= len(source.text.rstrip())

    def _span(self, mark: Mark | None) -> Span:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Span(self.source, line, column)

    def char(self, span: Span) -> str:
        """The character at this place; empty at the end of a line."""
        return self.source.line(span.line)[span.column - 1 : span.column]

    def before(self, span: Span) -> str:
        """The line up to this place."""
        return self.source.line(span.line)[: span.column - 1]


def syntax_fault(error: MarkedYAMLError, source: Source) -> Fault:
    """What a `yaml.MarkedYAMLError` has to say to the author of the text."""
    found = _Problem(error, source)
    for recognise in _RECOGNISERS:
        fault = recognise(found)
        if fault:
            return fault
    return Fault(f"invalid YAML: {found.problem}", found.place)


def _depth(found: _Problem) -> Fault | None:
    """libyaml, from 0.2.6 on, reads ahead and stops at 1,000 levels of brackets before our own limit is met."""
    return Fault(f"nested more than {DEEPEST} deep", found.place) if "nesting depth" in found.problem else None


def _sign(found: _Problem) -> Fault | None:
    """A value that begins with a character that YAML keeps for itself."""
    if found.context.endswith("a tag") or "tag handle" in found.problem:
        return yaml_traps.tag(found.opened)
    if found.context.endswith(("an alias", "an anchor")):
        return yaml_traps.alias(found.opened, found.char(found.opened))
    if found.context.endswith("a block scalar"):
        return yaml_traps.block_text(found.opened)
    if found.context.endswith("a directive"):
        return Fault("'%' at the start of a line starts a YAML directive", found.opened, "delete the line, or quote it")
    if "cannot start any token" in found.problem:
        sign = found.char(found.place)
        before = found.before(found.place)
        start = _start_of_value(before)
        if before[start:].strip():
            span = found.place._replace(column=start + 1)
            return Fault(f"unexpected '{sign}' after a complete value", found.place, _quote_from(span))
        return Fault(
            f"a value cannot start with '{sign}'", found.place, yaml_traps.quote(yaml_traps.rest_of_value(found.place))
        )
    return None


def _quotes(found: _Problem) -> Fault | None:
    if "quoted scalar" not in found.context and "double-quoted" not in found.context:
        return None
    if "escape" in found.problem or "expected escape sequence" in found.problem or "hexdecimal" in found.problem:
        return Fault("a backslash inside double quotes starts an escape", found.opened, "use single quotes")
    return Fault("this quote is never closed", found.opened, f"close it with {found.char(found.opened)}")


def _missing_space(found: _Problem) -> Fault | None:
    """`-conv` or `word:rest` on the line of the problem or on the one before, which ran into it."""
    number = found.place.line
    lines = {number, found.opened.line} | {n for n in (number - 1,) if n >= 1}
    for line in sorted(lines, reverse=True):
        text = found.source.line(line)
        if match := _DASH_LINE.match(text):
            word = match[1]
            return yaml_traps.no_space_after_dash(word[1:], Span(found.source, line, match.start(1) + 1, len(word)))
        if (match := _COLON_LINE.match(text)) and not _is_flow(found):
            inner = re.fullmatch(r"([\w.$]+):(.*)", match[1], re.DOTALL)
            span = Span(found.source, line, match.start(1) + 1, len(match[1]))
            return yaml_traps.no_space_after_colon(inner, span) if inner else None
    return None


def _is_flow(found: _Problem) -> bool:
    return "flow" in found.context


def _flow(found: _Problem) -> Fault | None:
    """Inside brackets or braces."""
    if not _is_flow(found):
        return None
    opening, sign = found.char(found.opened), found.char(found.place)
    if opening not in ("[", "{") and found.at_end:
        return Fault("a bracket or brace is never closed", _last_character(found), "close it here")
    if "node content" in found.problem and not found.at_end:
        return Fault(f"expected a value, got '{sign}'", found.place, "delete it, or write the value before it")
    if sign in _OPENING and sign and found.before(found.place)[-1:].strip():
        start = _start_of_value(found.before(found.place))
        span = found.place._replace(column=start + 1, width=found.place.column - start)
        return Fault(f"'{sign}' inside {_named(opening)} starts a value of its own", span, _quote_from(span))
    if found.at_end or found.place.line > found.opened.line:
        return Fault(f"'{opening}' is never closed", found.opened, f"close it with '{_OPENING.get(opening, opening)}'")
    return Fault(
        f"expected a comma or '{_OPENING.get(opening)}' here", found.place, "quote values that contain such characters"
    )


def _last_character(found: _Problem) -> Span:
    text = found.source.text.rstrip()
    return Span(found.source, text.count("\n") + 1, len(text) - text.rfind("\n") - 1)


def _mapping_in_value(found: _Problem) -> Fault | None:
    """`a: b: c`, or a field indented under a value that was complete."""
    if "mapping values are not allowed" not in found.problem:
        return None
    before = found.before(found.place)
    if ": " in before:
        value = found.place._replace(column=before.index(": ") + 3)
        text = found.source.line(value.line)[value.column - 1 :].strip()
        return Fault("a second ': ' on one line", found.place, yaml_traps.quote(text) + ", or begin a new line")
    start = len(before) - len(before.lstrip())
    span = found.place._replace(column=start + 1, width=max(1, len(before) - start))
    if match := _BARE_ITEM.fullmatch(found.source.line(found.place.line - 1)):
        place = Span(found.source, found.place.line - 1, match.start(1) + 1, len(match[1]))
        return Fault(
            f"'{match[1]}' has no colon, so it can have nothing beside or under it", place, f"write '- {match[1]}:'"
        )
    return Fault("this line is indented under a complete value", span, "indent it like the line above")


def _list_in_value(found: _Problem) -> Fault | None:
    if "entries are not allowed" in found.problem:
        return Fault("a list item cannot begin here", found.place, "start it on its own line, or write [a, b]")
    if "mapping keys are not allowed" in found.problem:
        return Fault("'?' starts a YAML key", found.place, yaml_traps.quote(yaml_traps.rest_of_value(found.place)))
    return None


def _after_value(found: _Problem) -> Fault | None:
    """`{i}_x`, `[1, 2][0]`, `"a" + 1`: text behind a closing bracket or quote."""
    before = found.before(found.place)
    if not before.rstrip().endswith(("}", "]", '"', "'")) or not any(text in found.problem for text in _ALIGNED):
        return None
    start = _start_of_value(before)
    hint = _quote_from(found.place._replace(column=start + 1))
    return Fault(f"the value ended before this, at its {before.rstrip()[-1]}", found.place, hint)


def _indentation(found: _Problem) -> Fault | None:
    if any(text in found.problem for text in _ALIGNED):
        if found.char(found.place) == ":":
            return Fault("a key is missing before the colon", found.place, "write 'key: value'")
        collection = "list" if "collection" in found.context else "block"
        began = f"the {collection} that starts on line {found.opened.line}"
        hint = "indent it like the other lines of that " + collection
        return Fault(f"this line does not line up with {began}", found.place, hint)
    if "could not find expected ':'" in found.problem:
        text = yaml_traps.rest_of_value(found.opened)
        return Fault(
            "a line without a colon among keys", found.opened._replace(width=max(1, len(text))), "write 'key: value'"
        )
    return None


def _document(found: _Problem) -> Fault | None:
    sign = found.char(found.place)
    if "node content" in found.problem:
        return Fault(f"expected a value, got '{sign}'", found.place, "delete it, or quote the value")
    if "<document start>" in found.problem:
        return Fault(
            "unexpected content after the end of the spec", found.place, "keep one document with consistent indentation"
        )
    if "incompatible" in found.problem or "duplicate" in found.problem:
        return Fault("unknown YAML directive", found.place, "delete the line")
    return None


def _start_of_value(before: str) -> int:
    """Where the value that this text ends in begins: behind the last ': ', '- ', or the comma or bracket around it."""
    start = max((before.rfind(mark) + len(mark) for mark in (": ", "- ") if mark in before), default=0)
    inner = before[start:]
    if not inner.startswith(("{", "[", '"', "'")):
        start += _last_part(inner)
    return start + len(before[start:]) - len(before[start:].lstrip())


def _last_part(text: str) -> int:
    """Where the part behind the last comma or bracket begins, those within closed brackets left out."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        char = text[index]
        if depth == 0 and char in ",([{":
            return index + 1
        depth += (char in ")]}") - (char in "([{")
    return 0


def _quote_from(span: Span) -> str:
    return yaml_traps.quote(yaml_traps.rest_of_value(span))


def _named(opening: str) -> str:
    return "braces" if opening == "{" else "brackets"


_RECOGNISERS: tuple[Callable[[_Problem], Fault | None], ...] = (
    _depth,
    _sign,
    _quotes,
    _missing_space,
    _flow,
    _mapping_in_value,
    _list_in_value,
    _after_value,
    _indentation,
    _document,
)
