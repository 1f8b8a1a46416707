"""The names bound by each iteration of a repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.document.types import Repeat
from cnncalc.elaborate.limits import Budget
from cnncalc.elaborate.scope import Scope, undecided, value_of
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.layers.values import format_value
from cnncalc.symbolic import Expr

Bound = list[tuple[str, Any]]


def turns(repeat: Repeat, scope: Scope, budget: Budget, what: str = "repeat") -> Iterator[Bound]:
    """The (name, value) pairs of a repeat, one list per iteration; messages call it `what`.

    Raises:
        SpecError: the value is neither a count nor a list of rows that match the names.
    """
    over = value_of(repeat.over, scope, what)
    if isinstance(over, list):
        yield from (_row(row, repeat.names, repeat.over.span, what) for row in over)
        return
    if isinstance(over, Expr):
        raise undecided(what, f"{over} iterations cannot be expanded", repeat.over.span)
    if not isinstance(over, int) or isinstance(over, bool) or over < 0 or len(repeat.names) != 1:
        raise SpecError(
            [Fault(f"{what}: expected {_describe_expected(repeat)}, got {format_value(over)}", repeat.over.span)]
        )
    budget.turns(over, repeat.over.span)
    yield from ([(repeat.names[0], turn)] for turn in range(over))


def _describe_expected(repeat: Repeat) -> str:
    if len(repeat.names) > 1:
        return f"a list of rows with {len(repeat.names)} values ({' '.join(repeat.names)})"
    return "a whole number or a list"


def _row(row: object, names: tuple[str, ...], span: Span, what: str) -> Bound:
    if len(names) == 1:
        return [(names[0], row)]
    if not isinstance(row, list) or len(row) != len(names):
        expected = f"{what}: expected rows with {len(names)} values ({' '.join(names)}), got {format_value(row)}"
        raise SpecError([Fault(expected, span)])
    return list(zip(names, row, strict=True))
