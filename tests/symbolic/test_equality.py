"""Deciding equality: forms that look different, forms built to fool it, and the sentence where it gives up."""

from itertools import pairwise

import pytest

from cnncalc.symbolic import Relation, Undecidable, equal, maximum, minimum, relation_eq, symbol
from cnncalc.symbolic.periods import degree, period

X, Y = symbol("x"), symbol("y")

SAME = [
    (X // 2 + (X + 1) // 2, X),
    (X // 3 + (X + 1) // 3 + (X + 2) // 3, X),
    (X * (X - 1) // 2 * 2, X * (X - 1)),
    (X * (X + 1) * (X + 2) // 6 * 6, X * (X + 1) * (X + 2)),
    ((X * (X // 2)) // 2, (X // 2) ** 2 + ((X // 2) * (X % 2)) // 2),
    ((X // 2) * (Y // 3) + (X // 2) * ((Y + 1) // 3) + (X // 2) * ((Y + 2) // 3), X // 2 * Y),
    (X // 6, X // 2 // 3),
    ((2 * (X // 3)) // 3, X // 3 - ((X // 3) + 2) // 3),
    (minimum(X, Y) + maximum(X, Y), minimum(Y, X) + maximum(X, Y)),
    (minimum(X // 2 + (X + 1) // 2, Y) // 1, minimum(X // 2 + (X + 1) // 2, Y)),
]
DIFFERENT = [
    (2 * (X // 3) // 3, 0),  # 0 on 0…5
    ((X * (X // 2)) // 2, X * (X // 2) // 2 + ((X + 1) // 4 - X // 4 - (X + 1) // 2 + X // 2 + (X % 2))),
    (X // 1000, 0),
    (X // 2 * 2, X),
    (X * Y // 2, (X // 2) * Y),
    (X**3, X**2),
    (X // 99991, (X + 1) // 99991),
    (minimum(X, 100), X),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_the_same(left, right):
    assert equal(left, right) is True
    assert equal(right, left) is True
    assert relation_eq(left, right) is True


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different(left, right):
    assert equal(left, right) is False
    assert relation_eq(left, right) is not True


def test_a_product_with_a_floor_has_twice_the_period():
    form = (X * (X // 2)) // 2
    assert period(form.terms, "x") == 4
    assert degree(form.terms, "x") == 2
    halves = {x: form.evaluate({"x": x}) - x * x // 4 for x in range(8)}
    assert len(set(halves.values())) > 1


@pytest.mark.parametrize(
    "form",
    [
        X // 6,
        (3 * X) // 7,
        (X * (X // 2)) // 2,
        2 * (X // 3) // 3,
        (X * X + X) // 4,
        (X // 2) * (X // 3),
        (4 * X * (X // 3)) // 6,
    ],
)
def test_differences_vanish_after_degree_many_periods(form):
    step, steps = period(form.terms, "x"), degree(form.terms, "x") + 1
    for start in range(-step, step):
        values = [form.evaluate({"x": start + step * index}) for index in range(steps + 1)]
        for _ in range(steps):
            values = [after - before for before, after in pairwise(values)]
        assert values == [0]


def test_what_cannot_be_proved_is_not_guessed():
    names = ("x", "y", "z")
    spread = sum((symbol(name) + index) // 64 for name in names for index in range(64))
    whole = sum(symbol(name) for name in names)
    with pytest.raises(Undecidable, match="2097152 points, more than 1000000"):
        equal(spread, whole)
    assert isinstance(relation_eq(spread, whole), Relation)


def test_proved_to_differ_everywhere():
    assert relation_eq(2 * X, 4 * Y + 1) is False
    assert relation_eq(X + 1, X // 2) is False
    assert relation_eq(X, 0) is False
    assert relation_eq(3, 4) is False
    assert relation_eq(X - X + 3, 3) is True


def test_what_holds_for_some_is_a_relation():
    kept = relation_eq(8 * (X // 8), X)
    assert kept == Relation(8 * (X // 8), "==", X)
    assert str(kept) == "8*(x//8) == x"
    assert kept.render("unicode") == "8·⌊x/8⌋ = x"
    assert kept.evaluate({"x": 16}) is True
    assert kept.substitute({"x": 17}) is False
    assert kept.substitute({"x": 8 * Y}) is True
    with pytest.raises(Undecidable, match="depends on x"):
        bool(kept)


def test_extrema_are_compared_by_cases_or_not_at_all():
    with pytest.raises(Undecidable, match="case by case"):
        equal(minimum(X, 10**13), minimum(X, 10**13 + 1))
