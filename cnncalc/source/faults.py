"""Translates PyYAML's scanner and parser errors into faults: what was probably meant, where, and the fix.

libyaml and the pure Python loader use different words for the same problems at the same places, so only what both
report is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.errors import Fault, Source, Span
from cnncalc.limits import DEEPEST_YAML
from cnncalc.source import traps as yaml_traps

if TYPE_CHECKING:
    from yaml import Mark, MarkedYAMLError

_DASH_LINE = re.compile(r"(?:\s*(?:- +)*)(-[A-Za-z$][\w$]*)")
_COLON_LINE = re.compile(r"(?:\s*(?:- +)*)(([A-Za-z_$][\w.]*):(?!//)([^\s#].*?))\s*$")
_BARE_ITEM = re.compile(r"\s*(?:- +)+([A-Za-z_$][\w$]*)\s*(?:#.*)?")
_OPENING = {"{": "}", "[": "]", "(": ")"}
_ALIGNED = ("expected <block end>", "did not find expected key", "did not find expected '-' indicator")


class _LocatedError:
    """A YAML error whose marks are converted to places in the source."""

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
        """The text of the line before this place."""
        return self.source.line(span.line)[: span.column - 1]


_QUOTED_LOOP = re.compile(r"""["']([^"']*\{[^"']*)["']( +for +\w+ +in +[^],]+)""")  # only the name is quoted
_TYPED_TENSOR = re.compile(r"^\s*\w+\s*\(.*?(\w+)\s*:\s+[Tt]ensor\b")  # as Python annotates a parameter


def syntax_fault(error: MarkedYAMLError, source: Source) -> Fault:
    """The fault that explains a `yaml.MarkedYAMLError` to the author of the text."""
    located = _LocatedError(error, source)
    for recognise in _RECOGNISERS:
        fault = recognise(located)
        if fault:
            return fault
    return Fault(f"invalid YAML: {located.problem}", located.place)


def _depth(error: _LocatedError) -> Fault | None:
    """Nesting: libyaml 0.2.6 and later stop at 1,000 levels of brackets before our own limit is reached."""
    return Fault(f"nested more than {DEEPEST_YAML} deep", error.place) if "nesting depth" in error.problem else None


def _sign(error: _LocatedError) -> Fault | None:
    """A value that starts with a character reserved by YAML."""
    if error.context.endswith("a tag") or "tag handle" in error.problem:
        return yaml_traps.tag(error.opened)
    if error.context.endswith(("an alias", "an anchor")):
        return yaml_traps.alias(error.opened, error.char(error.opened))
    if error.context.endswith("a block scalar"):
        return yaml_traps.block_text(error.opened)
    if error.context.endswith("a directive"):
        return Fault("'%' at the start of a line starts a YAML directive", error.opened, "delete the line, or quote it")
    if "cannot start any token" in error.problem:
        sign = error.char(error.place)
        before = error.before(error.place)
        start = _start_of_value(before)
        if before[start:].strip():
            span = error.place._replace(column=start + 1)
            return Fault(f"unexpected '{sign}' after a complete value", error.place, _quote_from(span))
        return Fault(
            f"a value cannot start with '{sign}'",
            error.place,
            yaml_traps.quote(yaml_traps.rest_of_value(error.place)),
        )
    return None


def _quotes(error: _LocatedError) -> Fault | None:
    if "quoted scalar" not in error.context and "double-quoted" not in error.context:
        return None
    if "escape" in error.problem or "expected escape sequence" in error.problem or "hexdecimal" in error.problem:
        return Fault("a backslash inside double quotes starts an escape", error.opened, "use single quotes")
    return Fault("this quote is never closed", error.opened, f"close it with {error.char(error.opened)}")


def _missing_space(error: _LocatedError) -> Fault | None:
    """`-conv` or `word:rest` on the line of the problem, or on the line before that runs into it."""
    number = error.place.line
    lines = {number, error.opened.line} | {n for n in (number - 1,) if n >= 1}
    for line in sorted(lines, reverse=True):
        text = error.source.line(line)
        if match := _DASH_LINE.match(text):
            word = match[1]
            return yaml_traps.no_space_after_dash(word[1:], Span(error.source, line, match.start(1) + 1, len(word)))
        if (match := _COLON_LINE.match(text)) and not _is_flow(error):
            inner = re.fullmatch(r"([\w.$]+):(.*)", match[1], re.DOTALL)
            span = Span(error.source, line, match.start(1) + 1, len(match[1]))
            return yaml_traps.no_space_after_colon(inner, span) if inner else None
    return None


def _is_flow(error: _LocatedError) -> bool:
    return "flow" in error.context


def _flow(error: _LocatedError) -> Fault | None:
    """An error inside brackets or braces."""
    if not _is_flow(error):
        return None
    opening, sign = error.char(error.opened), error.char(error.place)
    if opening not in ("[", "{") and error.at_end:
        return Fault("a bracket or brace is never closed", _last_character(error), "close it here")
    if "node content" in error.problem and not error.at_end:
        return Fault(f"expected a value, got '{sign}'", error.place, "delete it, or write the value before it")
    if sign in _OPENING and sign and error.before(error.place)[-1:].strip():
        start = _start_of_value(error.before(error.place))
        span = error.place._replace(column=start + 1, width=error.place.column - start)
        return Fault(f"'{sign}' inside {_name_brackets(opening)} starts a value of its own", span, _quote_from(span))
    if error.at_end or error.place.line > error.opened.line:
        return Fault(f"'{opening}' is never closed", error.opened, f"close it with '{_OPENING.get(opening, opening)}'")
    hint = "quote values that contain such characters"
    if loop := _QUOTED_LOOP.search(error.source.line(error.place.line)):
        hint = f'quote all of it: "{loop[1]}{loop[2].rstrip()}"'
    return Fault(f"expected a comma or '{_OPENING.get(opening)}' here", error.place, hint)


def _last_character(error: _LocatedError) -> Span:
    text = error.source.text.rstrip()
    return Span(error.source, text.count("\n") + 1, len(text) - text.rfind("\n") - 1)


def _mapping_in_value(error: _LocatedError) -> Fault | None:
    """`a: b: c`, or a field indented below a complete value."""
    if "mapping values are not allowed" not in error.problem:
        return None
    before = error.before(error.place)
    if signature := _TYPED_TENSOR.search(error.source.line(error.place.line)):
        return Fault("a ': ' inside a signature", error.place, f"write 'tensor {signature[1]}'")
    if ": " in before:
        value = error.place._replace(column=before.index(": ") + 3)
        text = error.source.line(value.line)[value.column - 1 :].strip()
        return Fault("a second ': ' on one line", error.place, yaml_traps.quote(text) + ", or begin a new line")
    start = len(before) - len(before.lstrip())
    span = error.place._replace(column=start + 1, width=max(1, len(before) - start))
    if match := _BARE_ITEM.fullmatch(error.source.line(error.place.line - 1)):
        place = Span(error.source, error.place.line - 1, match.start(1) + 1, len(match[1]))
        return Fault(
            f"'{match[1]}' has no colon, so it can have nothing beside or under it", place, f"write '- {match[1]}:'"
        )
    return Fault("this line is indented under a complete value", span, "indent it like the line above")


def _list_in_value(error: _LocatedError) -> Fault | None:
    if "entries are not allowed" in error.problem:
        return Fault("a list item cannot begin here", error.place, "start it on its own line, or write [a, b]")
    if "mapping keys are not allowed" in error.problem:
        return Fault("'?' starts a YAML key", error.place, yaml_traps.quote(yaml_traps.rest_of_value(error.place)))
    return None


def _after_value(error: _LocatedError) -> Fault | None:
    """`{i}_x`, `[1, 2][0]`, `"a" + 1`: text after a closing bracket or quote."""
    before = error.before(error.place)
    if not before.rstrip().endswith(("}", "]", '"', "'")) or not any(text in error.problem for text in _ALIGNED):
        return None
    start = _start_of_value(before)
    hint = _quote_from(error.place._replace(column=start + 1))
    return Fault(f"the value ended before this, at its {before.rstrip()[-1]}", error.place, hint)


def _indentation(error: _LocatedError) -> Fault | None:
    if any(text in error.problem for text in _ALIGNED):
        if error.char(error.place) == ":":
            return Fault("a key is missing before the colon", error.place, "write 'key: value'")
        collection = "list" if "collection" in error.context else "block"
        began = f"the {collection} that starts on line {error.opened.line}"
        hint = "indent it like the other lines of that " + collection
        return Fault(f"this line does not line up with {began}", error.place, hint)
    if "could not find expected ':'" in error.problem:
        text = yaml_traps.rest_of_value(error.opened)
        return Fault(
            "a line without a colon among keys", error.opened._replace(width=max(1, len(text))), "write 'key: value'"
        )
    return None


def _document(error: _LocatedError) -> Fault | None:
    sign = error.char(error.place)
    if "node content" in error.problem:
        return Fault(f"expected a value, got '{sign}'", error.place, "delete it, or quote the value")
    if "<document start>" in error.problem:
        return Fault(
            "unexpected content after the end of the spec",
            error.place,
            "keep one document with consistent indentation",
        )
    if "incompatible" in error.problem or "duplicate" in error.problem:
        return Fault("unknown YAML directive", error.place, "delete the line")
    return None


def _start_of_value(before: str) -> int:
    """The index at which the last value in this text begins: after the last ': ' or '- ', or the enclosing comma or
    bracket.
    """
    start = max((before.rfind(mark) + len(mark) for mark in (": ", "- ") if mark in before), default=0)
    inner = before[start:]
    if not inner.startswith(("{", '"', "'")):
        start += _last_part(inner)
    return start + len(before[start:]) - len(before[start:].lstrip())


def _last_part(text: str) -> int:
    """The index after the last comma or opening bracket that is not inside closed brackets."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        char = text[index]
        if depth == 0 and char in ",([{":
            return index + 1
        depth += (char in ")]}") - (char in "([{")
    return 0


def _quote_from(span: Span) -> str:
    return yaml_traps.quote(yaml_traps.rest_of_value(span))


def _name_brackets(opening: str) -> str:
    return "braces" if opening == "{" else "brackets"


_RECOGNISERS: tuple[Callable[[_LocatedError], Fault | None], ...] = (
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
