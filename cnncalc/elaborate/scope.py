"""The values that names have: parameters, what a repeat binds, and what flows in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.document.reader import located
from cnncalc.document.types import Constant, Formula, Template
from cnncalc.errors import ExpressionError, Fault, Span, SpecError
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import Undecidable


class Scope(dict[str, Any]):
    """Names → values; known words stand for themselves, `in_channels` and `in_size` follow the running tensor."""

    __slots__ = ("shape", "words")

    def __init__(self, values: dict[str, Any], words: frozenset[str], shape: Shape | None = None) -> None:
        super().__init__(values)
        self.words = words
        self.shape = shape

    def __missing__(self, name: str) -> object:
        if name == "in_channels" and self.shape:
            return self.shape[0]
        if name == "in_size" and self.shape:
            return list(self.shape[1:])
        if name in self.words:
            return name
        raise KeyError(name)

    def with_values(self, values: Iterable[tuple[str, Any]]) -> Scope:
        """A scope within this one."""
        inner = Scope(self, self.words, self.shape)
        inner.update(values)
        return inner


def value_of(template: Template, scope: Scope, what: str) -> Any:  # noqa: ANN401
    """The value of a template in a scope.

    Raises:
        SpecError: the expression cannot be computed, or not for all values of a symbol; the fault points into it.
    """
    if isinstance(template, Constant):
        return template.value
    if not isinstance(template, Formula):
        return [value_of(entry, scope, what) for entry in template.entries]
    try:
        return template.expression.evaluate(scope)
    except ExpressionError as error:
        raise SpecError([located(error, template.scalar, what)]) from None
    except Undecidable as error:
        raise undecided(what, str(error), template.span) from None


def undecided(what: str, why: str, span: Span) -> SpecError:
    """The fault of a value that has no closed form, or of a condition whose answer differs among the symbols' values."""
    return SpecError([Fault(f"{what}: {why}", span, "give the symbol a number")])
