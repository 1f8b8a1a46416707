"""Evaluates expressions on the points of a sweep: conditions (`params < 5M and macs < 600M`) and Pareto objectives.

The language is that of a spec's fields, with numbers that may end in k, M, G, T, KiB … TiB, or
a unit of time: s, ms, us. An unknown figure makes
an expression unknown, and its point is left out.
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
from cnncalc.sweeps.timing import TIME, without_durations
from cnncalc.sweeps.values import split


class PointExpression:
    """An expression in the names of a row; `text` is what it was written as."""

    def __init__(self, text: str, option: str) -> None:
        self.text = text.strip()
        self.where = f"{option} '{text}'"
        try:
            self._expression = parse(without_durations(self.text), scaled=True)
        except ExpressionError as error:
            raise self._fault(error) from None
        self._places: list[tuple[str, int]] = []

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that the expression needs."""
        return tuple(name for name in FIGURES if name in self._expression.names)

    def bind(self, names: Sequence[str]) -> None:
        """Find the columns of the names in a row.

        Raises:
            UsageError: a name is unknown.
        """
        known = [name for name in dict.fromkeys((*names, *FIGURES)) if name != "error"]  # a figure becomes a column
        for name in sorted(self._expression.names):
            if name not in names or name == "error":
                if name == TIME:
                    raise UsageError(f"{self.where}: a time needs a device: --device rtx4090")
                sentence = f"{self.where}: unknown name '{name}'"
                raise UsageError(with_suggestion(sentence, name, known, f"choose from {', '.join(known)}"))
        self._places = [(name, names.index(name)) for name in self._expression.names]

    def value(self, row: Row) -> Value | None:
        """The value at a point; None if a name has no value there."""
        scope = {name: row[place] for name, place in self._places}
        for name, value in scope.items():
            if value is None:
                return None
            if isinstance(value, Mapping):
                several = f"{name} has several shapes here ({', '.join(value)})"
                raise UsageError(f"{self.where}: {several}: use another column")
            if not isinstance(value, int):
                scope[name] = _to_value(name, value)
        try:
            return self._expression.evaluate(scope)
        except ExpressionError as error:
            raise self._fault(error) from None

    def _fault(self, error: ExpressionError) -> UsageError:
        return UsageError(f"{self.where}: {error.message}" + (f" ({error.hint})" if error.hint else ""))


class Where(PointExpression):
    """A condition on a point."""

    def holds(self, row: Row) -> bool | None:
        """Whether a point satisfies the condition; None if that is unknown."""
        value = self.value(row)
        if value is None or isinstance(value, bool):
            return value
        raise UsageError(f"{self.where}: expected a condition, such as 'params < 5M and macs < 600M'")


class Objective(PointExpression):
    """An expression to minimize; `-params` maximizes the parameters."""

    def key(self, row: Row) -> Any:  # noqa: ANN401
        """The value at a point; None if that is unknown."""
        value = self.value(row)
        if value is None or is_rational(value):
            return value
        raise UsageError(f"{self.where}: expected numbers, such as params,macs (-params to maximize)")


def objectives(text: str, option: str = "--pareto") -> list[Objective]:
    """Parse a comma-separated list of objectives.

    Raises:
        UsageError: an expression cannot be parsed.
    """
    return [Objective(part, option) for part in split(text, ",", f"{option} {text}")]


def _to_value(name: str, value: object) -> Value:
    """Convert a value for evaluation: a shape to its sizes, an expression without names to its value."""
    if isinstance(value, tuple):
        return Sizes(name, value)
    return evaluate_constant(value) if isinstance(value, str) else value


@lru_cache(maxsize=1024)
def evaluate_constant(text: str) -> Value:
    """The value of an expression without names; any other text as it is."""
    try:
        return evaluate(text, {})
    except ExpressionError:
        return text
