"""Code actions: the fixes of findings, corrected spellings, comments that silence a rule, all safe fixes at once;
an unused layer declared as an output; refactorings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol.types import CodeAction, CodeActionKind, Position, Range, TextEdit, WorkspaceEdit

from cnncalc.checks.finding import Edit, Finding
from cnncalc.checks.fixing import disjoint_edits
from cnncalc.checks.rules.unused_layer import UnusedLayer
from cnncalc.lsp.choices import choices_of
from cnncalc.lsp.diagnostics import diagnostic_of
from cnncalc.lsp.refactoring import refactorings_in
from cnncalc.lsp.state import State
from cnncalc.names import ALWAYS_AN_ERROR

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.cnncalc"
_MEANT = re.compile(r"did you mean '?([^'?]+)'?\?")


def actions_in(state: State, range_: Range, only: Iterable[str] | None = None) -> list[CodeAction]:
    """The actions for a range; `only` names the kinds that are asked for."""
    kinds = tuple(only or ())
    return [action for action in _actions(state, range_) if not kinds or _is_of(action, kinds)]


def _is_of(action: CodeAction, kinds: Iterable[str]) -> bool:
    own = str(getattr(action.kind, "value", action.kind))
    return any(own == kind or own.startswith(f"{kind}.") for kind in kinds)


def _actions(state: State, range_: Range) -> Iterator[CodeAction]:
    checked = state.checked
    if checked is None or not state.is_own:
        return
    for finding in checked.findings:
        if finding.span is None or not range_.start.line <= finding.span.line - 1 <= range_.end.line:
            continue
        yield from _of_finding(state, finding)
    edits = fix_all_edits(state)
    yield from refactorings_in(state, range_)
    if edits:
        yield CodeAction("Fix all that is safe to fix", kind=FIX_ALL, edit=_workspace(state, edits))


def fix_all_edits(state: State) -> list[TextEdit]:
    """The edits of all safe fixes that do not touch one another."""
    checked = state.checked
    return [_text_edit(state, edit) for edit in disjoint_edits(checked.findings)] if checked is not None else []


def _of_finding(state: State, finding: Finding) -> Iterator[CodeAction]:
    fix, span = finding.fix, finding.span
    if fix is not None and fix.edits:
        edits = [_text_edit(state, edit) for edit in fix.edits]
        yield _quick_fix(state, finding, fix.words[:1].upper() + fix.words[1:], edits, preferred=True)
    elif fix is not None and span is not None and (meant := _MEANT.search(fix.words)) is not None:
        edit = TextEdit(state.text.range_of(span), meant[1])
        yield _quick_fix(state, finding, f"Change to '{meant[1]}'", [edit], preferred=True)
    for choice in choices_of(state, finding):
        yield _quick_fix(state, finding, f"Set {choice.title}", [_text_edit(state, edit) for edit in choice.edits])
    if finding.rule == UnusedLayer.name and (output := _output_edit(state, finding.nodes[0])) is not None:
        yield _quick_fix(state, finding, f"Declare {finding.nodes[0]} as an output", [output])
    if finding.rule != ALWAYS_AN_ERROR and span is not None:
        comment = _comment(state, span.line - 1, finding.rule)
        yield _quick_fix(state, finding, f"Silence {finding.rule} here", [comment])


def _output_edit(state: State, name: str) -> TextEdit | None:
    """The edit that adds a layer to the outputs; None if they are written over several lines."""
    line = next((n for n in range(state.text.lines) if re.match(r"outputs\s*:", state.text.line(n))), None)
    if line is None:
        last = next(iter(state.report.graph.outputs.values()), None) if state.report is not None else None
        end = len(state.text.text)
        before = "" if state.text.text.endswith("\n") else "\n"
        return TextEdit(state.text.range(end, end), f"{before}outputs: [{last}, {name}]\n") if last else None
    listed = re.match(r"outputs\s*:\s*[\[{].*(?=[\]}]\s*(?:#.*)?$)", state.text.line(line))
    if listed is None:
        return None
    place = state.text.offset(Position(line, 0)) + len(listed[0].rstrip())
    entry = f"{name.replace('.', '_')}: {name}" if "{" in listed[0] else name
    return TextEdit(state.text.range(place, place), f", {entry}")


def _quick_fix(
    state: State, finding: Finding, title: str, edits: list[TextEdit], preferred: bool = False
) -> CodeAction:
    return CodeAction(
        title,
        kind=CodeActionKind.QuickFix,
        diagnostics=[diagnostic_of(state, finding)],
        edit=_workspace(state, edits),
        is_preferred=preferred,
    )


def _comment(state: State, line: int, rule: str) -> TextEdit:
    """A comment at the end of a line, or the rule added to one that is there."""
    text = state.text.line(line)
    start = state.text.offset(Position(line, 0))
    there = re.search(r"#\s*cnncalc:\s*ignore\[[^\]]*", text)
    if there is not None:
        place = start + there.end()
        return TextEdit(state.text.range(place, place), f", {rule}")
    end = start + len(text.rstrip())
    if "#" in text and re.search(r"\s#", text):
        return TextEdit(state.text.range(end, end), f" # cnncalc: ignore[{rule}]")
    return TextEdit(state.text.range(end, end), f"  # cnncalc: ignore[{rule}]")


def _text_edit(state: State, edit: Edit) -> TextEdit:
    """An edit, of which a span that is one column longer than its line includes the line break."""
    span = edit.span
    start = state.text.offset_of(span)
    line = span.source.line(span.line)
    if span.column - 1 + span.width > len(line):
        end = state.text.offset(Position(span.line, 0)) if span.line < state.text.lines else len(state.text.text)
    else:
        end = start + span.width
    return TextEdit(state.text.range(start, end), edit.text)


def _workspace(state: State, edits: list[TextEdit]) -> WorkspaceEdit:
    return WorkspaceEdit(changes={state.uri: edits})
