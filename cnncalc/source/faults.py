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
from cnncalc.source.flow_faults import flow_fault
from cnncalc.source.located import LocatedError, quote_from, start_of_value

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

_DASH_LINE = re.compile(r"(?:\s*(?:- +)*)(-[A-Za-z$][\w$]*)")
_COLON_LINE = re.compile(r"(?:\s*(?:- +)*)(([A-Za-z_$][\w.]*):(?!//)([^\s#].*?))\s*$")
_BARE_ITEM = re.compile(r"\s*(?:- +)+([A-Za-z_$][\w$]*)\s*(?:#.*)?")
_VALUED = re.compile(r"\s*- +([A-Za-z_$][\w$]*): +[^\s#]")  # `- conv: {…}`
_WORDS = re.compile(r"(\s*)([A-Za-z_]\w*) +([^\s#:](?:[^:#]*[^\s:#])?)\s*(?:#.*)?")
_ALIGNED = ("expected <block end>", "did not find expected key", "did not find expected '-' indicator")


_TYPED_TENSOR = re.compile(r"^\s*\w+\s*\(.*?(\w+)\s*:\s+[Tt]ensor\b")  # as Python annotates a parameter


def syntax_fault(error: MarkedYAMLError, source: Source) -> Fault:
    """The fault that explains a `yaml.MarkedYAMLError` to the author of the text."""
    located = LocatedError(error, source)
    for recognise in _RECOGNISERS:
        fault = recognise(located)
        if fault:
            return fault
    return Fault(f"invalid YAML: {located.problem}", located.place)


def _depth(error: LocatedError) -> Fault | None:
    """Nesting: libyaml 0.2.6 and later stop at 1,000 levels of brackets before our own limit is reached."""
    return Fault(f"nested more than {DEEPEST_YAML} deep", error.place) if "nesting depth" in error.problem else None


def _sign(error: LocatedError) -> Fault | None:
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
        start = start_of_value(before)
        if before[start:].strip():
            span = error.place._replace(column=start + 1)
            return Fault(f"unexpected '{sign}' after a complete value", error.place, quote_from(span))
        return Fault(
            f"a value cannot start with '{sign}'",
            error.place,
            yaml_traps.quote(yaml_traps.rest_of_value(error.place)),
        )
    return None


def _quotes(error: LocatedError) -> Fault | None:
    if "quoted scalar" not in error.context and "double-quoted" not in error.context:
        return None
    if "escape" in error.problem or "expected escape sequence" in error.problem or "hexdecimal" in error.problem:
        return Fault("a backslash inside double quotes starts an escape", error.opened, "use single quotes")
    return Fault("this quote is never closed", error.opened, f"close it with {error.char(error.opened)}")


def _missing_space(error: LocatedError) -> Fault | None:
    """`-conv` or `word:rest` on the line of the problem, or on the line before that runs into it."""
    number = error.place.line
    lines = {number, error.opened.line} | {n for n in (number - 1,) if n >= 1}
    for line in sorted(lines, reverse=True):
        text = error.source.line(line)
        if match := _DASH_LINE.match(text):
            word = match[1]
            return yaml_traps.no_space_after_dash(word[1:], Span(error.source, line, match.start(1) + 1, len(word)))
        if (match := _COLON_LINE.match(text)) and not error.is_flow:
            inner = re.fullmatch(r"([\w.$]+):(.*)", match[1], re.DOTALL)
            span = Span(error.source, line, match.start(1) + 1, len(match[1]))
            return yaml_traps.no_space_after_colon(inner, span) if inner else None
    return None


def _mapping_in_value(error: LocatedError) -> Fault | None:
    """`a: b: c`, or a field indented below a complete value."""
    if "mapping values are not allowed" not in error.problem:
        return None
    before = error.before(error.place)
    if signature := _TYPED_TENSOR.search(error.source.line(error.place.line)):
        return Fault("a ': ' inside a signature", error.place, f"write 'tensor {signature[1]}'")
    if ": " in before:
        return _second_colon(error, before)
    start = len(before) - len(before.lstrip())
    if fault := _missing_colon(error.source, error.place.line - 1, start):
        return fault
    span = error.place._replace(column=start + 1, width=max(1, len(before) - start))
    if match := _BARE_ITEM.fullmatch(error.source.line(error.place.line - 1)):
        place = Span(error.source, error.place.line - 1, match.start(1) + 1, len(match[1]))
        return Fault(
            f"'{match[1]}' has no colon, so it can have nothing beside or under it", place, f"write '- {match[1]}:'"
        )
    return Fault("this line is indented under a complete value", span, "indent it like the line above")


def _second_colon(error: LocatedError, before: str) -> Fault:
    """`- conv: out_channels: 8`: fields without braces, or a text with a colon."""
    value = error.place._replace(column=before.index(": ") + 3)
    text = yaml_traps.rest_of_line(value)
    hint = yaml_traps.quote(text)
    if re.match(r"[A-Za-z_]\w*: ", text):
        braces = f"put the fields in braces: {yaml_traps.shorten(f'{{{text}}}', '{…}')}"
        hint = braces if before.lstrip().startswith("- ") else f"{braces}; if it is text, {hint}"
    return Fault("a second ': ' on one line", error.place, hint)


def _missing_colon(source: Source, number: int, indent: int) -> Fault | None:
    """`input 3x32x32` above a key of the same indentation, which YAML reads as one text over two lines."""
    match = _WORDS.fullmatch(source.line(number)) if number else None
    if not match or len(match[1]) != indent:
        return None
    key, value = match[2], match[3]
    span = Span(source, number, indent + 1, match.end(3) - indent)
    return Fault(f"no colon after '{key}'", span, f"write '{key}: {yaml_traps.shorten(value, '…')}'")


def _list_in_value(error: LocatedError) -> Fault | None:
    if "entries are not allowed" in error.problem:
        return Fault("a list item cannot begin here", error.place, "start it on its own line, or write [a, b]")
    if "mapping keys are not allowed" in error.problem:
        return Fault("'?' starts a YAML key", error.place, yaml_traps.quote(yaml_traps.rest_of_value(error.place)))
    return None


def _after_value(error: LocatedError) -> Fault | None:
    """`{i}_x`, `[1, 2][0]`, `"a" + 1`: text after a closing bracket or quote."""
    before = error.before(error.place)
    if not before.rstrip().endswith(("}", "]", '"', "'")) or not any(text in error.problem for text in _ALIGNED):
        return None
    start = start_of_value(before)
    hint = quote_from(error.place._replace(column=start + 1))
    return Fault(f"the value ended before this, at its {before.rstrip()[-1]}", error.place, hint)


def _indentation(error: LocatedError) -> Fault | None:
    if any(text in error.problem for text in _ALIGNED):
        if error.char(error.place) == ":":
            return Fault("a key is missing before the colon", error.place, "write 'key: value'")
        collection = "list" if "collection" in error.context else "block"
        began = f"the {collection} that starts on line {error.opened.line}"
        if fault := _missing_colon(error.source, error.place.line - 1, error.place.column - 1):
            return fault
        if error.char(error.place) == "-" and (fault := _stray_item(error)):
            return fault
        hint = "indent it like the other lines of that " + collection
        return Fault(f"this line does not line up with {began}", error.place, hint)
    if "could not find expected ':'" in error.problem:
        text = yaml_traps.rest_of_value(error.opened)
        span = error.opened._replace(width=max(1, len(text)))
        return Fault("a line without a colon among keys", span, _how_to_write_key(error, text))
    return None


def _how_to_write_key(error: LocatedError, text: str) -> str:
    key, _, value = text.partition(" ")
    if not key.isidentifier() or yaml_traps.is_unfinished(value):
        return "write 'key: value'"
    if value:
        return f"write '{key}: {value.strip()}'"
    item = error.source.line(error.opened.line - 1).startswith(" " * (error.opened.column - 3) + "- ")
    return f"write '- {key}' if it is an item of its own, '{key}:' if it is a key" if item else f"write '{key}:'"


def _stray_item(error: LocatedError) -> Fault | None:
    """`- relu` under an item that is indented more than it, or under a key that already has a value."""
    indent = error.place.column - 1
    for number in range(error.place.line - 1, 0, -1):
        text = error.source.line(number)
        depth = len(text) - len(text.lstrip())
        if (match := _VALUED.match(text)) and match.start(1) == indent:
            hint = f"indent it like '- {match[1]}', or give the list a key of its own, such as 'sequence'"
            return Fault(f"a list item under '{match[1]}', which already has a value", error.place, hint)
        if text.strip() and depth <= indent:
            return None
        if text.lstrip().startswith("- "):
            return Fault(
                f"this item does not line up with the one on line {number}", error.place, "indent it like that"
            )
    return None


def _document(error: LocatedError) -> Fault | None:
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


_RECOGNISERS: tuple[Callable[[LocatedError], Fault | None], ...] = (
    _depth,
    _sign,
    _quotes,
    _missing_space,
    flow_fault,
    _mapping_in_value,
    _list_in_value,
    _after_value,
    _indentation,
    _document,
)
