"""Refactorings: chosen lines become a block, and a call of a block becomes the lines of the block.

The edit is made on the text, line by line, and offered only if the network that results is the same: as many layers,
the same parameters, operations and outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol.types import CodeAction, CodeActionKind, Position, Range, TextEdit, WorkspaceEdit

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, grant
from cnncalc.document.types import BlockCall, Constant, Formula, Item, Template
from cnncalc.errors import CnncalcError, Source
from cnncalc.lsp.state import State
from cnncalc.lsp.symbols import TOP, Occurrence
from cnncalc.spec import parse_source

LONGEST = 200_000  # characters of a document that is built again to see whether it is the same network
_ITEM = re.compile(r"( *)- ")
_ATOM = re.compile(r"[\w.]+\Z")
_MODIFIED = ("name", "source", "repeat", "when", "share", "frozen")


def refactorings_in(state: State, range_: Range) -> Iterator[CodeAction]:
    """The refactorings that the chosen lines, or the line of the cursor, permit."""
    if state.report is None or len(state.text.text) > LONGEST:
        return
    first, last = range_.start.line, range_.end.line
    if first == last:
        edits, kind, title = (
            _inline(state, first),
            CodeActionKind.RefactorInline,
            "Replace the call by the block's layers",
        )
    else:
        last -= range_.end.character == 0
        edits, kind, title = (
            _extract(state, first, last),
            CodeActionKind.RefactorExtract,
            "Extract these layers as a block",
        )
    if edits and _is_same(state, edits):
        yield CodeAction(title, kind=kind, edit=WorkspaceEdit(changes={state.uri: edits}))


def _extract(state: State, first: int, last: int) -> list[TextEdit]:
    """The lines as a block, with the parameters of the block around them as its own; none if they are not items."""
    begins = _ITEM.match(state.text.line(first))
    if begins is None:
        return []
    indent = len(begins[1])
    last = _end_of_item(state, last, indent)
    lines = [state.text.line(number) for number in range(first, last + 1)]
    if any(line.strip() and _indent(line) < indent for line in lines):
        return []
    name = _free_name(state)
    used = {
        occurrence.symbol.name: None
        for occurrence in sorted(state.occurrences, key=lambda o: (o.span.line, o.span.column))
        if occurrence.symbol.kind == "parameter"
        and occurrence.symbol.scope != TOP
        and first < occurrence.span.line <= last + 1
        and not occurrence.defines
        and occurrence.symbol.scope == _scope_of(state, first)
    }
    signature = f"{name}({', '.join(used)})" if used else name
    arguments = ": {" + ", ".join(f"{each}: {each}" for each in used) + "}" if used else ""
    block = [f"  {signature}:", *(f"    {line[indent:]}".rstrip() for line in lines)]
    return [
        _insert_block(state, block),
        TextEdit(Range(Position(first, 0), state.text.end_of(last)), f"{' ' * indent}- {name}{arguments}"),
    ]


def _inline(state: State, line: int) -> list[TextEdit]:
    """The lines of a block in place of its call; none unless the line is a call without modifiers."""
    begins = _ITEM.match(state.text.line(line))
    here = state.items.by_line.get(line + 1, ()) if state.items is not None else ()
    item = here[0].item if len(here) == 1 else None
    if begins is None or item is None or not isinstance(item.body, BlockCall) or item.body.indirect:
        return []
    if item.body.tensors or any(getattr(item, field) not in (None, ()) for field in _MODIFIED):
        return []
    body = _body_of(state, item.body.name)
    values = _values(state, item)
    if body is None or values is None:
        return []
    start, lines = body
    lines = _with_values(state, item.body.name, start, lines, values)
    inner = min((_indent(each) for each in lines if each.strip()), default=0)
    indent = len(begins[1])
    text = "\n".join(f"{' ' * indent}{each[inner:]}".rstrip() for each in lines)
    return [TextEdit(Range(Position(line, 0), state.text.end_of(_end_of_item(state, line, indent))), text)]


def _body_of(state: State, name: str) -> tuple[int, list[str]] | None:
    """The first line of the layers of a block, and the lines; None if they stand beside its name."""
    signature = state.signatures.get(name)
    if signature is None:
        return None
    number = signature.key.span.line - 1
    key = state.text.line(number)
    if not key.rstrip().endswith(":"):
        return None
    end = number + 1
    while end < state.text.lines and (not state.text.line(end).strip() or _indent(state.text.line(end)) > _indent(key)):
        end += 1
    lines = [state.text.line(each) for each in range(number + 1, end)]
    while lines and not lines[-1].strip():
        lines.pop()
    return (number + 1, lines) if lines else None


def _values(state: State, item: Item) -> dict[str, str] | None:
    """The parameters of a call → their values as written; None if one is more than an expression."""
    body, document = item.body, state.spec.document if state.spec is not None else None
    if not isinstance(body, BlockCall) or document is None:
        return None
    block = document.blocks[body.name]
    given: dict[str, Template | None] = {each.name: each.default for each in block.parameters if not each.tensor}
    given.update(body.arguments)
    if body.natural is not None and block.parameters:
        given[block.parameters[0].name] = body.natural
    texts = {name: _text_of(template) for name, template in given.items()}
    return {name: text for name, text in texts.items() if text is not None} if None not in texts.values() else None


def _text_of(template: Template | None) -> str | None:
    if not isinstance(template, (Constant, Formula)):
        return None
    text = template.span.source.line(template.span.line)[template.span.column - 1 :][: template.span.width]
    return text if _ATOM.match(text) or not text.strip() else f"({text})"


def _with_values(state: State, name: str, start: int, lines: Sequence[str], values: dict[str, str]) -> list[str]:
    """The lines with the values in place of the block's parameters."""
    changed = list(lines)
    inside = [o for o in state.occurrences if _is_parameter(o, name) and start < o.span.line <= start + len(lines)]
    for occurrence in sorted(inside, key=lambda each: each.span.column, reverse=True):
        at, line = occurrence.span.column - 1, occurrence.span.line - 1 - start
        value = values.get(occurrence.symbol.name, occurrence.symbol.name)
        changed[line] = changed[line][:at] + value + changed[line][at + occurrence.span.width :]
    return changed


def _is_parameter(occurrence: Occurrence, block: str) -> bool:
    return occurrence.symbol.kind == "parameter" and occurrence.symbol.scope == block


def _insert_block(state: State, block: list[str]) -> TextEdit:
    """The edit that adds a block to the section of blocks, or that section before the layers."""
    tops = [number for number in range(state.text.lines) if re.match(r"\w", state.text.line(number))]
    section = next((number for number in tops if re.match(r"blocks\s*:", state.text.line(number))), None)
    if section is not None:
        number = next((top for top in tops if top > section), state.text.lines - 1)
        while number - 1 > section and not state.text.line(number - 1).strip():
            number -= 1
        while number - 1 > section and state.text.line(number - 1).startswith("#"):
            number -= 1
        lines = block
    else:
        number = next((top for top in tops if re.match(r"layers\s*:", state.text.line(top))), 0)
        lines = ["blocks:", *block]
    place = Position(number, 0)
    return TextEdit(Range(place, place), "".join(f"{line}\n" for line in lines))


def _scope_of(state: State, line: int) -> str:
    """The block in whose lines a line stands; the top otherwise."""
    for name in state.signatures:
        body = _body_of(state, name)
        if body is not None and body[0] <= line < body[0] + len(body[1]):
            return name
    return TOP


def _end_of_item(state: State, line: int, indent: int) -> int:
    """The last line of the item that a line belongs to."""
    end = following = line
    while following + 1 < state.text.lines:
        following += 1
        text = state.text.line(following)
        if text.strip() and _indent(text) <= indent:
            break
        if text.strip():
            end = following
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _free_name(state: State) -> str:
    taken = {occurrence.symbol.name for occurrence in state.occurrences} | set(state.signatures)
    number = 1
    while f"block{number}" in taken:
        number += 1
    return f"block{number}"


def _is_same(state: State, edits: Sequence[TextEdit]) -> bool:
    """Whether the network stays what it is, but for names."""
    text = state.text.text
    for edit in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True):
        start, end = state.text.offset(edit.range.start), state.text.offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    grant()
    try:
        spec = parse_source(Source(state.name, text), lambda fault: None)
        report = spec.at(state.variant if state.variant in spec.variants else None).analyze()
    except (CnncalcError, BudgetError):
        return False
    return state.report is not None and _figures(report) == _figures(state.report)


def _figures(report: Report) -> tuple[object, ...]:
    """What a network is, apart from its names."""
    return [layer.kind for layer in report.layers], report.params, report.macs, list(report.outputs.values())
