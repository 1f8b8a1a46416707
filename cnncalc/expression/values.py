"""The operators on values: exact on integers, rationals and closed forms.

Two plain integers take a fast path; everything else is checked, so that errors name the operand. Other objects (closed
forms) take part through their own Python operators; their exceptions propagate, except for the TypeError of an
unsupported operation.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeAlias

from cnncalc.errors import ExpressionError
from cnncalc.limits import MAX_EXPONENT, MOST_BITS
from cnncalc.quantities.decimals import exact_decimal
from cnncalc.records import NamedTuple

# A closed form (symbolic.Expr) is a value too; it is typed Any because nothing here looks inside.
Value: TypeAlias = "int | Fraction | bool | str | list[Value] | Any"
Operation: TypeAlias = Callable[[Value, Value], Value]

Number: TypeAlias = Any  # a Value that is known to take part in arithmetic


class Place(NamedTuple):
    """The range of a part of an expression in its text."""

    start: int
    end: int

    def error(self, message: str, hint: str | None = None) -> ExpressionError:
        """An error that points at this part."""
        return ExpressionError(message, offset=self.start, width=max(1, self.end - self.start), hint=hint)


class Sizes(list[Value]):
    """A named shape, comparable only with lists: `output == 1000` would otherwise silently be false."""

    def __init__(self, name: str, sizes: Iterable[Value]) -> None:
        super().__init__(sizes)
        self.name = name


def kind(value: Value) -> str:
    """The type of a value, in the words of messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a number"


def is_number(value: Value) -> bool:
    """Whether a value takes part in arithmetic: booleans, strings and lists do not."""
    return not isinstance(value, (bool, str, list))


def is_rational(value: Value) -> bool:
    """Whether a value is an int or a Fraction, not a closed form."""
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)


def number(value: Value, place: Place) -> Number:
    """The value if it is a number; otherwise raises an error at its place."""
    if not is_number(value):
        raise place.error(f"expected a number, got {kind(value)}")
    return value


def whole(value: Value, place: Place) -> Number:
    """The value if it is an integer or a closed form; otherwise raises an error at its place."""
    if isinstance(number(value, place), Fraction):
        raise place.error(f"expected a whole number, got {cut(show(value))}", "round it: floor(…), ceil(…), round(…)")
    return value


def condition(value: Value, place: Place) -> bool:
    """The value if it is true or false; otherwise raises an error at its place."""
    if value is True or value is False:
        return bool(value)
    raise place.error(f"expected true or false, got {kind(value)}", "write a comparison: 'x != 0'")


def settle(value: Value, place: Place) -> Value:
    """A result in its simplest form; raises an error if it is too large."""
    if type(value) is int:
        bits = value.bit_length()
    elif isinstance(value, Fraction):
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        value = value.numerator if value.denominator == 1 else value
    else:
        return value
    if bits > MOST_BITS:
        raise place.error("the result is too large")
    return value


def show(value: Value) -> str:
    """A value as written in a spec: 0.5, 1/3, true, [1, 2]."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    return exact_decimal(value) or str(value) if isinstance(value, Fraction) else str(value)


def cut(text: str) -> str:
    """The text, truncated for a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def binary(sign: str, left: Place, right: Place) -> Operation:
    """The function of an arithmetic operator, for operands at these places."""
    both = Place(left.start, right.end)
    if sign in _CLOSED:
        return _integer_operation(_CLOSED[sign], sign, left, right, both)
    act = {"//": _floor_divide, "%": _floor_divide, "/": _divide, "**": _raise_power}[sign]

    def operate(a: Value, b: Value) -> Value:
        number(a, left)
        number(b, right)
        return settle(act(sign, a, b, left, right), both)

    return operate


_CLOSED: dict[str, Callable[[Number, Number], Number]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _integer_operation(
    act: Callable[[Number, Number], Number], sign: str, left: Place, right: Place, both: Place
) -> Operation:
    def operate(a: Value, b: Value) -> Value:
        if type(a) is int and type(b) is int:
            value = act(a, b)
            if value.bit_length() < MOST_BITS:
                return value
        number(a, left)
        number(b, right)
        return settle(_apply(act, sign, a, b, both), both)

    return operate


def _apply(act: Callable[[Number, Number], Number], sign: str, a: Value, b: Value, both: Place) -> Value:
    """The result of the operands' own Python operator."""
    try:
        return act(a, b)
    except TypeError as error:
        raise both.error(f"'{sign}' cannot combine {cut(show(a))} and {cut(show(b))}") from error


def _require_nonzero(value: Value, place: Place) -> None:
    if isinstance(value, (int, Fraction)) and value == 0:
        raise place.error("division by zero")


def _floor_divide(sign: str, a: Number, b: Number, left: Place, right: Place) -> Value:
    _require_nonzero(whole(b, right), right)
    whole(a, left)
    return _apply(operator.floordiv if sign == "//" else operator.mod, sign, a, b, Place(left.start, right.end))


def _divide(sign: str, a: Number, b: Number, left: Place, right: Place) -> Value:
    _require_nonzero(b, right)
    if type(a) is int and type(b) is int:
        return a // b if a % b == 0 else Fraction(a, b)
    both = Place(left.start, right.end)
    if is_rational(a) and is_rational(b):
        return Fraction(a) / b
    if _apply(operator.mod, sign, a, b, both) != 0:
        raise both.error(
            f"{cut(show(a))} / {cut(show(b))} is not a whole number for every input", "write '//' to round down"
        )
    return _apply(operator.floordiv, sign, a, b, both)


def _raise_power(sign: str, a: Number, b: Number, left: Place, right: Place) -> Value:
    if not isinstance(b, int):
        raise right.error(f"exponent {cut(show(b))}: only whole numbers are exact")
    if isinstance(a, (int, Fraction)):
        if b < 0:
            _require_nonzero(a, left)
        base = a if type(a) is int and b >= 0 else Fraction(a)
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits > 1 and (bits - 1) * abs(b) > MOST_BITS:  # estimated from the sizes before computing anything
            raise Place(left.start, right.end).error("the power is too large")
        return base**b if abs(base) != 1 else base ** (b % 2)
    if not 0 <= b <= MAX_EXPONENT:
        raise right.error(f"the exponent of a symbol must be between 0 and {MAX_EXPONENT}")
    return _apply(operator.pow, sign, a, b, Place(left.start, right.end))


_ORDERS: dict[str, Callable[[Number, Number], Number]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = frozenset({*_ORDERS, "==", "!="})


def comparison(sign: str, left: Place, right: Place) -> Callable[[Value, Value], bool]:
    """The function of a comparison operator: any two values for `==` and `!=`, otherwise numbers."""
    if sign in ("==", "!="):
        return _equality(Place(left.start, right.end), sign == "==")
    act = _ORDERS[sign]

    def compare(a: Value, b: Value) -> bool:
        if type(a) is int and type(b) is int:
            return bool(act(a, b))
        number(a, left)
        number(b, right)
        return bool(_apply(act, sign, a, b, Place(left.start, right.end)))

    return compare


def _equality(place: Place, wanted: bool) -> Callable[[Value, Value], bool]:
    def compare(a: Value, b: Value) -> bool:
        if isinstance(a, list) != isinstance(b, list):
            for sizes, other in ((a, b), (b, a)):
                if isinstance(sizes, Sizes):
                    raise place.error(
                        f"cannot compare a list of sizes with {kind(other)}", f"pick one: {sizes.name}[0]"
                    )
        return same(a, b) is wanted

    return compare


def same(a: Value, b: Value) -> bool:
    """Equality: values of different types differ (`true` is not 1); lists are compared item by item."""
    if type(a) is int and type(b) is int:
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if is_number(a) != is_number(b) or (not is_number(a) and type(a) is not type(b)):
        return False
    return _same_number(a, b) if is_number(a) else bool(a == b)


def _same_number(a: Number, b: Number) -> bool:
    if is_rational(a) and is_rational(b):
        return bool(a == b)
    if isinstance(a, Fraction) or isinstance(b, Fraction):
        return False  # a closed form is whole
    from cnncalc.symbolic import relation_eq  # not needed for concrete sizes

    return bool(relation_eq(a, b))


def item(value: Value, index: Value, base: Place, place: Place) -> Value:
    """One item of a list, counted from 0, or from the end if the index is negative."""
    if not isinstance(value, list):
        raise base.error(f"{kind(value)} has no items: only lists do")
    if not isinstance(index, int) or isinstance(index, bool):
        raise place.error(f"{cut(show(index))} is not an index: use a whole number")
    if not -len(value) <= index < len(value):
        count = f"{len(value)} item{'s' * (len(value) != 1)}"
        hint = f"the first is 0, the last {len(value) - 1}" if value else None
        raise place.error(f"index {cut(show(index))} is out of range: the list has {count}", hint)
    return value[index]


def negative(value: Value, place: Place) -> Value:
    """The negated number."""
    return -number(value, place)


def floor(value: Number) -> Number:
    """The largest integer not above the value; a closed form is already an integer."""
    return math.floor(value) if isinstance(value, Fraction) else value
