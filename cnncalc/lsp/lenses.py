"""Code lenses: totals of every variant over `layers:`, and what is measured beside each expectation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import CodeLens, Command, Position, Range

from cnncalc.budget import BudgetError
from cnncalc.errors import CnncalcError
from cnncalc.lsp.state import State
from cnncalc.quantities.amounts import amount_text

MOST_VARIANTS = 12
CHOOSE = "cnncalc.chooseVariant"


def lenses_of(state: State) -> list[CodeLens]:
    """The lenses of a document; empty if it cannot be built."""
    line = next((n for n in range(state.text.lines) if re.match(r"layers\s*:", state.text.line(n))), None)
    if line is None or state.spec is None:
        return []
    return [_lens(line, title, state.uri, variant) for title, variant in _totals(state)]


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


def _lens(line: int, title: str, uri: str, variant: str | None) -> CodeLens:
    place = Range(Position(line, 0), Position(line, 0))
    return CodeLens(place, Command(title, command=CHOOSE, arguments=[uri, variant]))
