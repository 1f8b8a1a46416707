"""Expressions about the points of a sweep: which to keep (`params < 5M and macs < 600M`), and what to judge them by.

They are those of a spec's fields, where a number may end in k, M, G, T or KiB … TiB. A figure that is not known makes
an expression unknown: its point is neither kept nor judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cnncalc.analysis.figures import FIGURES
from cnncalc.errors import ExpressionError, UsageError
from cnncalc.expression.evaluation import Value, evaluate, parse
from cnncalc.expression.values import Sizes, is_rational
from cnncalc.suggest import with_suggestion
from cnncalc.sweeps.block import Row
from cnncalc.sweeps.values import split


class PointExpression:
    """An expression of the names of a row."""

    def __init__(self, text: str, option: str) -> None:
        self.where = f"{option} '{text}'"
        try:
            self._expression = parse(text.strip(), scaled=True)
        except ExpressionError as error:
            raise self._fault(error) from None
        self._places: list[tuple[str, int]] = []

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that it needs."""
        return tuple(name for name in FIGURES if name in self._expression.names)

    def bind(self, names: Sequence[str]) -> None:
        """Look its names up among those of a row.

        Raises:
            UsageError: there is no such name.
        """
        known = [name for name in dict.fromkeys((*names, *FIGURES)) if name != "error"]  # a figure becomes a column
        for name in sorted(self._expression.names):
            if name not in names or name == "error":
                sentence = f"{self.where}: unknown name '{name}'"
                raise UsageError(with_suggestion(sentence, name, known, f"choose from {', '.join(known)}"))
        self._places = [(name, names.index(name)) for name in self._expression.names]

    def value(self, row: Row) -> Value | None:
        """Its value at a point; None where a name has none there."""
        scope = {name: row[place] for name, place in self._places}
        for name, value in scope.items():
            if value is None:
                return None
            if isinstance(value, Mapping):
                several = f"{name} has several shapes here ({', '.join(value)})"
                raise UsageError(f"{self.where}: {several}: use another column")
            if not isinstance(value, int):
                scope[name] = _plain(name, value)
        try:
            return self._expression.evaluate(scope)
        except ExpressionError as error:
            raise self._fault(error) from None

    def _fault(self, error: ExpressionError) -> UsageError:
        return UsageError(f"{self.where}: {error.message}" + (f" ({error.hint})" if error.hint else ""))


class Where(PointExpression):
    """A condition on points."""

    def holds(self, row: Row) -> bool | None:
        """Whether a point meets it; None where that is not known."""
        value = self.value(row)
        if value is None or isinstance(value, bool):
            return value
        raise UsageError(f"{self.where}: expected a condition, such as 'params < 5M and macs < 600M'")


class Objective(PointExpression):
    """What is to be small; `-params` is to be large."""

    def key(self, row: Row) -> Any:  # noqa: ANN401
        """Its number at a point; None where that is not known."""
        value = self.value(row)
        if value is None or is_rational(value):
            return value
        raise UsageError(f"{self.where}: expected numbers, such as params,macs (-params to maximize)")


def objectives(text: str, option: str = "--pareto") -> list[Objective]:
    """The objectives of a list.

    Raises:
        UsageError: an expression that does not read.
    """
    return [Objective(part, option) for part in split(text, ",", f"{option} {text}")]


def _plain(name: str, value: object) -> Value:
    """A shape as its sizes; a parameter that was set by an expression as its value, where it has one without names."""
    if isinstance(value, tuple):
        return Sizes(name, value)
    return _evaluated(value) if isinstance(value, str) else value


@lru_cache(maxsize=1024)
def _evaluated(text: str) -> Value:
    try:
        return evaluate(text, {})
    except ExpressionError:
        return text
