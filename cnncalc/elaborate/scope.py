"""The values of names: parameters, names bound by repeats, and the sizes of the running tensor."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from cnncalc.document.reader import locate
from cnncalc.document.types import Constant, Formula, Template
from cnncalc.elaborate.limits import Budget
from cnncalc.errors import ExpressionError, Fault, Span, SpecError
from cnncalc.layers.layer import Shape
from cnncalc.layers.values import format_value
from cnncalc.limits import LONGEST_LIST
from cnncalc.symbolic import Relation, Undecidable


class Scope(dict[str, Any]):
    """Name → value; known words stand for themselves, `in_channels` and `in_size` follow the running tensor.

    `weight` is the number of list elements among the values, which an expression may have to process; the budget is
    charged for it. `flowing` collects the spatial sizes read, here and in inner scopes.
    """

    __slots__ = ("budget", "flowing", "shape", "weight", "words")

    def __init__(self, values: dict[str, Any], words: Container[str], budget: Budget | None = None) -> None:
        super().__init__(values)
        self.words = words
        self.budget = budget or Budget()
        self.flowing: set[str] = set()
        self.shape: Shape | None = None
        self.weight = 0

    def __missing__(self, name: str) -> object:
        if name == "in_channels" and self.shape:
            return self.shape[0]
        if name == "in_size" and self.shape:
            self.flowing.add(name)
            return list(self.shape[1:])
        if name in self.words:
            return name
        raise KeyError(name)

    def with_values(self, values: Iterable[tuple[str, Any]]) -> Scope:
        """An inner scope with additional values."""
        inner = Scope(self, self.words, self.budget)
        inner.shape = self.shape
        inner.weight = self.weight
        inner.flowing = self.flowing
        for name, value in values:
            inner.bind(name, value)
        return inner

    def bind(self, name: str, value: object) -> None:
        """Set the value of a name."""
        self[name] = value
        if type(value) is list:
            self.weight += size(value)


def value_of(template: Template, scope: Scope, what: str, where: str = "") -> Any:  # noqa: ANN401
    """The value of a template in a scope; error messages start with `where` and `what`.

    Raises:
        SpecError: the expression cannot be evaluated, or not for all values of a symbol; the fault points into it.
    """
    if isinstance(template, Constant):
        return template.value
    if not isinstance(template, Formula):
        value: Any = [
            entry.value if type(entry) is Constant else value_of(entry, scope, what, where)
            for entry in template.entries
        ]
    else:
        if scope.weight:
            scope.budget.effort(scope.weight * template.effort, template.span)
        try:
            value = template.expression.evaluate(scope)
        except ExpressionError as error:
            error.hint = error.hint or _list_hint(error, template.expression.text)
            raise SpecError([locate(error, template.scalar, f"{where}: {what}" if where else what)]) from None
        except Undecidable as error:
            raise undecided(f"{where}: {what}" if where else what, str(error), template.span) from None
    if type(value) is list:
        _charge(value, scope, what, template.span)
    return value


def item_hint(name: str, index: int = 0) -> str:
    """The suggestion to take one item of a list that stands where a number is expected."""
    return f"{name} is a list: write {name}[{index}]"


def _list_hint(error: ExpressionError, text: str) -> str | None:
    """A suggestion for a named list with which an expression calculates."""
    operand = text[error.offset : error.offset + error.width]
    return item_hint(operand) if error.message.endswith("number, got a list") and operand.isidentifier() else None


def _charge(value: list[Any], scope: Scope, what: str, span: Span) -> None:
    """Check the limit on a list's length, and charge the budget for it."""
    length = size(value)
    if length > LONGEST_LIST:
        raise SpecError([Fault(f"{what}: a list may have at most {LONGEST_LIST:,} numbers", span)])
    scope.budget.effort(16 * length, span)  # it is read, checked and compared element by element


def size(value: list[Any]) -> int:
    """The number of elements in a list, nested lists included; counting stops at the limit."""
    count, waiting = 0, [value]
    while waiting and count <= LONGEST_LIST:
        inner = waiting.pop()
        count += len(inner)
        waiting.extend(entry for entry in inner if type(entry) is list)
    return count


def undecided(what: str, why: str, span: Span) -> SpecError:
    """The fault of a value without a closed form, or of a condition that depends on a symbol."""
    return SpecError([Fault(f"{what}: {why}", span, "give the symbol a value")])


def truth(template: Template, scope: Scope, what: str, where: str = "") -> bool:
    """The boolean value of a condition."""
    value = value_of(template, scope, what, where)
    what = f"{where}: {what}" if where else what
    if isinstance(value, Relation):
        raise undecided(what, f"whether {value} depends on {', '.join(sorted(value.symbols))}", template.span)
    if not isinstance(value, bool):
        raise SpecError(
            [Fault(f"{what}: expected true or false, got {format_value(value)}", template.span, _hint(value))]
        )
    return value


def _hint(value: object) -> str | None:
    return "write a comparison: 'x != 0'" if isinstance(value, int) else None


def no_input(span: Span, inputs: Iterable[str]) -> SpecError:
    """The fault of an item that reads the running tensor when there is none."""
    hint = f"specify which one it reads: 'from: {next(iter(inputs), 'a')}'"
    return SpecError([Fault("the network has several inputs", span, hint)])
