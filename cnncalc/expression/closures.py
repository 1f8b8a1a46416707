"""Compiled parts of an expression: functions of a scope, each with its place in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.expression.tokens import Token
from cnncalc.expression.values import Place, Value, binary, comparison, condition, item, negative, number
from cnncalc.records import NamedTuple

Scope: TypeAlias = Mapping[str, Value]
Run: TypeAlias = Callable[[Scope], Value]


class Part(NamedTuple):
    """A compiled part of an expression, and its range of characters in the text."""

    run: Run
    place: Place


def constant(value: Value, place: Place) -> Part:
    """A number, a string, true or false."""
    return Part(lambda scope: value, place)


def apply_sign(word: Token, operand: Part) -> Part:
    """`-x` or `+x`."""
    run, place = operand
    at = Place(word.start, place.end)
    if word.kind == "-":
        return Part(lambda scope: negative(run(scope), place), at)
    return Part(lambda scope: number(run(scope), place), at)


def negate(word: Token, operand: Part) -> Part:
    """`not x`."""
    run, place = operand
    return Part(lambda scope: not condition(run(scope), place), Place(word.start, place.end))


def chain(rest: list[tuple[str, Part]], first: Part) -> Part:
    """A chain such as `a - b + c`, evaluated in a loop so that long sums do not nest."""
    steps = []
    place = first.place
    for sign, part in rest:
        steps.append((binary(sign, place, part.place), part.run))
        place = Place(place.start, part.place.end)
    begin = first.run
    if len(steps) == 1:
        act, other = steps[0]
        return Part(lambda scope: act(begin(scope), other(scope)), place)

    def run(scope: Scope) -> Value:
        value = begin(scope)
        for act, other in steps:
            value = act(value, other(scope))
        return value

    return Part(run, place)


def comparisons(first: Part, rest: list[tuple[str, Part]]) -> Part:
    """A chain such as `0 < a <= b`: true if every link holds."""
    steps = []
    left = first.place
    for sign, part in rest:
        steps.append((comparison(sign, left, part.place), part.run))
        left = part.place

    def run(scope: Scope) -> Value:
        value = first.run(scope)
        for compare, other in steps:
            following = other(scope)
            if not compare(value, following):
                return False
            value = following
        return True

    return Part(run, Place(first.place.start, left.end))


def short_circuit(parts: list[Part], stops_at: bool) -> Part:
    """`and` or `or`: evaluated up to the first part whose value is `stops_at`."""

    def run(scope: Scope) -> Value:
        for part in parts:
            if condition(part.run(scope), part.place) is stops_at:
                return stops_at
        return not stops_at

    return Part(run, Place(parts[0].place.start, parts[-1].place.end))


def choose(then: Part, test: Part, otherwise: Part) -> Part:
    """`then if test else otherwise`: only the selected part is evaluated."""

    def run(scope: Scope) -> Value:
        return then.run(scope) if condition(test.run(scope), test.place) else otherwise.run(scope)

    return Part(run, Place(then.place.start, otherwise.place.end))


def pick_item(base: Part, index: Part, end: int) -> Part:
    """`base[index]`, ending at offset `end`."""

    def run(scope: Scope) -> Value:
        return item(base.run(scope), index.run(scope), base.place, index.place)

    return Part(run, Place(base.place.start, end))
