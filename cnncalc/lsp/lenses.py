"""Code lenses: totals of every variant over `layers:`, and what is measured beside each expectation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import CodeLens, Command, Position, Range

from cnncalc.budget import BudgetError
from cnncalc.checks.figures import Parts, field_of, figure_of, last_map
from cnncalc.checks.judging import fields_text, figure_text
from cnncalc.document.expectations import BYTES, DEFAULT
from cnncalc.document.types import Bound, Expectation, ExpectedField, ExpectedShape
from cnncalc.errors import CnncalcError
from cnncalc.lsp.state import State
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.sizes import shape_text

MOST_VARIANTS = 12
CHOOSE = "cnncalc.chooseVariant"


def lenses_of(state: State) -> list[CodeLens]:
    """The lenses of a document; empty if it cannot be read."""
    line = next((n for n in range(state.text.lines) if re.match(r"layers\s*:", state.text.line(n))), None)
    if line is None or state.spec is None or not state.is_own:
        return []
    totals = [_lens(line, title, [state.uri, variant]) for title, variant in _totals(state)]
    return [*totals, *(_lens(line, f"is {measured}") for line, measured in _measured(state))]


def _measured(state: State) -> Iterator[tuple[int, str]]:
    """The line of every expectation that concerns this variant at the spec's own input, and what is the case."""
    if state.report is None or state.spec is None:
        return
    parts = Parts(state.report)
    for item in state.spec.document.expect:
        if item.where.at is not None or item.where.variant not in (None, state.variant or DEFAULT):
            continue
        try:
            text = _measured_text(parts, item)
        except (CnncalcError, BudgetError):
            continue
        if text:
            yield item.must.span.line - 1, text


def _measured_text(parts: Parts, item: Expectation) -> str | None:
    report, where, must = parts.report, item.where, item.must
    part = parts.of(where.layer.text) if where.layer else None
    if part is not None and not part:
        return None
    if isinstance(must, ExpectedShape):
        outputs = [report.outputs[where.output.text]] if where.output else list(report.outputs.values())
        return ", ".join(map(shape_text, [part[-1].output] if part else outputs))
    if isinstance(must, ExpectedField):
        layer = part[-1].name if part else report.graph.outputs[where.output.text] if where.output else last_map(report)
        return ", ".join(map(fields_text, field_of(report, layer).values())) if layer else None
    if isinstance(must, Bound):
        figure = figure_of(report, item.figure, where.convention.text if where.convention else None, part)
        return figure_text(figure, item.figure in BYTES)
    return None


def _totals(state: State) -> Iterator[tuple[str, str | None]]:
    spec = state.spec
    assert spec is not None
    names: list[str | None] = [None, *spec.variants]
    for variant in names[:MOST_VARIANTS]:
        try:
            report = spec.at(variant).analyze()
        except (CnncalcError, BudgetError):
            yield f"{variant or 'default'}: cannot be built", variant
            continue
        label = "" if len(names) == 1 else f"{variant or 'default'}: "
        counts = f"{amount_text(report.params)} parameters, {amount_text(report.macs)} MACs"
        figures = [f"{len(report.layers):,} layers", counts]
        yield f"{label}{', '.join(figures)}", variant


def _lens(line: int, title: str, arguments: list[str | None] | None = None) -> CodeLens:
    """A lens; with arguments, a click on it chooses a variant."""
    place = Range(Position(line, 0), Position(line, 0))
    return CodeLens(place, Command(title, command=CHOOSE if arguments else "", arguments=arguments))
