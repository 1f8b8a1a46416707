"""Diagnostics: the findings of `check` in every variant, with the places that belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import (
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    DiagnosticTag,
    Location,
    Position,
    Range,
)

from cnncalc.checks.finding import Finding
from cnncalc.document.types import Item
from cnncalc.errors import Span
from cnncalc.lsp.foreign import Network
from cnncalc.lsp.items import references_of
from cnncalc.lsp.state import State
from cnncalc.names import ALWAYS_AN_ERROR
from cnncalc.visible import visible

SOURCE = "cnncalc"
SEVERITIES = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}
UNUSED = frozenset({"unused-layer", "unused-ignore"})
MOST_RELATED = 8
_START = Range(Position(0, 0), Position(0, 0))


def diagnostics_of(state: State) -> list[Diagnostic]:
    """The diagnostics of a document; empty if it is no spec."""
    checked = state.checked
    if checked is None:
        return []
    found = [diagnostic_of(state, finding) for finding in checked.findings]
    notes = state.network.notes if isinstance(state.network, Network) else ()
    found += [_note(state, sentence) for sentence in notes]
    if checked.unfinished:
        found.append(Diagnostic(_START, checked.unfinished, DiagnosticSeverity.Information, source=SOURCE))
    return found


def diagnostic_of(state: State, finding: Finding) -> Diagnostic:
    """One finding as a diagnostic."""
    return Diagnostic(
        range=state.text.range_of(finding.span) if finding.span is not None else _START,
        message=message_of(finding, state.is_own),
        severity=SEVERITIES[finding.level],
        code=finding.rule,
        source=SOURCE,
        tags=[DiagnosticTag.Unnecessary] if finding.rule in UNUSED else None,
        related_information=list(_related(state, finding))[:MOST_RELATED] or None,
    )


def _note(state: State, sentence: str) -> Diagnostic:
    """What the reader of a network in another format should know, at the line that it names, if it names one."""
    named = re.search(r"\bline (\d+):", sentence)
    line = int(named[1]) - 1 if named else 0
    place = Range(Position(line, 0), state.text.end_of(line)) if named else _START
    return Diagnostic(place, visible(sentence), DiagnosticSeverity.Information, source=SOURCE)


def message_of(finding: Finding, own: bool = True) -> str:
    """The message, the fix, and the variants in which the finding occurs.

    In the words of another tool only what it does not understand has a fix: others are in words of ours.
    """
    where = f" (in {', '.join(finding.variants)})" if finding.variants else ""
    fix = f"\nfix: {finding.fix.words}" if finding.fix and (own or finding.rule == ALWAYS_AN_ERROR) else ""
    return visible(finding.message) + where + fix.replace("\r", "")


def _related(state: State, finding: Finding) -> Iterator[DiagnosticRelatedInformation]:
    """The operands of a join, and the other layers that a finding is about."""
    if state.items is None or finding.span is None:
        return
    within = state.items.by_mark.get((finding.span.line, finding.span.column))
    if within is not None:
        named = {other.item.name.text: other.item for other in state.items.all if other.item.name is not None}
        references = [reference.text for reference in references_of(within.item)]
        if references and within.before is not None and not within.item.source:
            yield _at(state, within.before.span, "the layer that flows in")
        for name in references:
            if name in named:
                yield _at(state, _place(named[name]), f"'{name}'")
    report = state.report
    if report is None:
        return
    spans = {layer.name: layer.node.span for layer in report.layers} if finding.nodes[1:] else {}
    for name in finding.nodes[1:]:
        span = spans.get(name)
        if span is not None and span != finding.span:
            yield _at(state, span, name)


def _place(item: Item) -> Span:
    return item.name.span if item.name is not None else item.span


def _at(state: State, span: Span, words: str) -> DiagnosticRelatedInformation:
    return DiagnosticRelatedInformation(Location(state.uri, state.text.range_of(span)), words)
