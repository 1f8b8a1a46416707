"""The functions available in expressions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from cnncalc.expression.values import (
    Number,
    Place,
    Value,
    binary,
    comparison,
    cut,
    floor,
    is_rational,
    number,
    settle,
    show,
    whole,
)
from cnncalc.records import NamedTuple

Function = Callable[[list[Value], list[Place], Place], Value]


class Signature(NamedTuple):
    """The usage of a function, its number of arguments, and its implementation, which gets values and places."""

    usage: str
    fewest: int
    most: int
    call: Function


def _on_number(act: Callable[[Number], Number]) -> Function:
    return lambda values, places, whole_call: act(number(values[0], places[0]))


def _round(value: Number) -> Number:
    return round(value) if isinstance(value, Fraction) else value


def _ceil(value: Number) -> Number:
    return math.ceil(value) if isinstance(value, Fraction) else value


def _truncate(value: Number) -> Number:
    return math.trunc(value) if isinstance(value, Fraction) else value


def _least(values: list[Value], places: list[Place], at: Place) -> Value:
    numbers = _numbers(values, places, at)
    if all(map(is_rational, numbers)):
        return min(numbers)
    from cnncalc.symbolic import minimum

    return minimum(*(whole(value, at) for value in numbers))


def _greatest(values: list[Value], places: list[Place], at: Place) -> Value:
    numbers = _numbers(values, places, at)
    if all(map(is_rational, numbers)):
        return max(numbers)
    from cnncalc.symbolic import maximum

    return maximum(*(whole(value, at) for value in numbers))


def _absolute(values: list[Value], places: list[Place], at: Place) -> Value:
    value = number(values[0], places[0])
    return abs(value) if is_rational(value) else _greatest([value, -value], places * 2, at)


def _numbers(values: list[Value], places: list[Place], at: Place) -> list[Number]:
    if len(values) == 1:
        if not isinstance(values[0], list):
            raise places[0].error("expected a list or several values, got a single value")
        values, places = values[0], [places[0]] * len(values[0])
    if not values:
        raise at.error("an empty list has no minimum or maximum")
    return [number(value, place) for value, place in zip(values, places, strict=True)]


def _sum(values: list[Value], places: list[Place], at: Place) -> Value:
    total: Value = 0
    add = binary("+", at, at)
    for value in _list(values, places):
        total = add(total, number(value, places[0]))
    return total


def _length(values: list[Value], places: list[Place], at: Place) -> Value:
    return len(_list(values, places))


def _list(values: list[Value], places: list[Place]) -> list[Value]:
    if not isinstance(values[0], list):
        raise places[0].error(f"expected a list, got {cut(show(values[0]))}")
    return values[0]


def _round_to(values: list[Value], places: list[Place], at: Place) -> Value:
    """MobileNet's rule: the nearest multiple of the divisor, at least one, and at least 90% of the value."""
    value, divisor = number(values[0], places[0]), whole(values[1], places[1])
    if isinstance(divisor, int) and divisor < 1:
        raise places[1].error(f"the divisor must be at least 1, got {show(divisor)}")
    below = comparison("<", at, at)
    steps = floor((2 * value + divisor) / (2 * divisor)) if isinstance(value, Fraction) else _steps(value, divisor)
    rounded = _greatest([settle(steps * divisor, at), divisor], [at, at], at)
    return rounded + divisor if below(10 * rounded, 9 * value) else rounded


def _steps(value: Number, divisor: Number) -> Number:
    return (2 * value + divisor) // (2 * divisor)


def _gcd(values: list[Value], places: list[Place], at: Place) -> Value:
    """The greatest number that divides both."""
    numbers = [whole(value, place) for value, place in zip(values, places, strict=True)]
    if not all(isinstance(each, int) for each in numbers):
        raise at.error("the greatest common divisor of a symbol is not known")
    return math.gcd(*numbers)


SIGNATURES: dict[str, Signature] = {
    "abs": Signature("abs(x)", 1, 1, _absolute),
    "ceil": Signature("ceil(x)", 1, 1, _on_number(_ceil)),
    "floor": Signature("floor(x)", 1, 1, _on_number(floor)),
    "gcd": Signature("gcd(a, b)", 2, 2, _gcd),
    "int": Signature("int(x)", 1, 1, _on_number(_truncate)),
    "len": Signature("len(list)", 1, 1, _length),
    "max": Signature("max(a, b, …) or max(list)", 1, 1000, _greatest),
    "min": Signature("min(a, b, …) or min(list)", 1, 1000, _least),
    "round": Signature("round(x)", 1, 1, _on_number(_round)),
    "round_to": Signature("round_to(value, divisor)", 2, 2, _round_to),
    "sum": Signature("sum(list)", 1, 1, _sum),
}


def call(signature: Signature, values: list[Value], places: list[Place], at: Place) -> Value:
    """The result of a function, as an int if it is whole."""
    return settle(signature.call(values, places, at), at)
