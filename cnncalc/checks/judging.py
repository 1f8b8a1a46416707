"""Compares figures with bounds, and explains violations: by how much, or why it cannot be decided."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cnncalc.checks.figures import Figure
from cnncalc.document.types import Bound
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.sizes import count_text, times
from cnncalc.symbolic import Size, Undecidable, compare, relation_eq


def violation_text(bound: Bound, figure: Figure, in_bytes: bool = False) -> str | None:
    """Explain a violation: `expected at most 5M, got 25,557,032: over by 20,557,032 (+411.1%)`; None if there is none.

    Figures that are unknown, only partly known, or undecidable because of symbols, count as violations.
    """
    expected, value = f"expected {expected_text(bound)}", figure.value
    if value is None:
        return f"{expected}, but it is not known"
    got = figure_text(figure, in_bytes)
    if isinstance(value, int) and (deviation := _deviation(bound, value, figure.at_least)):
        return f"{expected}, got {got}: {_deviation_text(deviation, value, in_bytes)}"
    holds = bound.holds(value) if isinstance(value, int) else _decide(bound, value)
    if figure.at_least and not (holds and bound.high is None):
        return f"{expected}, but only part of it is known: {got}"
    if isinstance(value, int) or holds:
        return None
    depends = f": whether this holds depends on {', '.join(sorted(value.symbols))}"
    return f"{expected}, got {got}{depends if holds is None else ''}"


def figure_text(figure: Figure, in_bytes: bool = False) -> str:
    """Format a figure: `25,557,032`, `at least 4.5 MiB`, `not known`."""
    if figure.value is None:
        return "not known"
    text = bytes_text(figure.value) if in_bytes else count_text(figure.value)
    return f"at least {text}" if figure.at_least else text


def expected_text(bound: Bound) -> str:
    """Format a bound as it is written; a plain number gets thousands separators."""
    return bound.text if bound.low is None or not bound.text.isdecimal() else f"{int(bound.low):,}"


def fields_text(axes: Sequence[Figure]) -> str:
    """Format rows per axis: 195×195."""
    return times("unknown" if axis.value is None else count_text(axis.value) for axis in axes)


def _deviation(bound: Bound, value: int, at_least: bool) -> Fraction | None:
    """How far a number is above the bound, or (negative) below it; None if it is, or as a minimum may be, within."""
    if bound.high is not None and value > bound.high:
        return value - bound.high
    if bound.low is not None and value < bound.low and not at_least:
        return value - bound.low
    return None


def _deviation_text(deviation: Fraction, value: int, in_bytes: bool) -> str:
    """Format the deviation in units and percent: `over by 23,630 (+78.8%)`."""
    whole = abs(deviation).__ceil__()
    text = bytes_text(whole) if in_bytes else count_text(whole)
    edge = value - deviation
    share = f" ({_share(deviation / edge)})" if edge else ""
    return f"{'over' if deviation > 0 else 'under'} by {text}{share}"


def _share(share: Fraction) -> str:
    """Format a signed deviation relative to the bound: +78.8%, −3.0%, 20 times as much."""
    if share >= 9:
        return f"{float(share) + 1:,.0f} times as much"
    percent = float(100 * abs(share))
    return f"{'+' if share > 0 else '−'}{percent:,.1f}%" if percent >= 0.05 else "less than 0.1%"


def _decide(bound: Bound, value: Size) -> bool | None:
    """Whether a closed form is within a bound for all values of its symbols; None if that depends on them."""
    if bound.low is not None and bound.low == bound.high:
        exact = relation_eq(value, int(bound.low)) if bound.low.denominator == 1 else False
        return exact if isinstance(exact, bool) else None
    answers = []
    for edge, within in ((bound.low, True), (bound.high, False)):
        if edge is not None:
            answers.append(_compare(value * edge.denominator, within, edge.numerator))
    return False if False in answers else None if None in answers else True


def _compare(value: Size, from_below: bool, edge: int) -> bool | None:
    try:
        answer = compare(value, ">=" if from_below else "<=", edge)
    except Undecidable:
        return None
    return answer if isinstance(answer, bool) else None
