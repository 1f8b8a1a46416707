from fractions import Fraction

import pytest

from cnncalc.quantities.decimals import decimal_text, exact_decimal, fraction_text, short_decimal, three_digits


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(217, 4), "54.25"), (Fraction(7, 3), "2.33"), (Fraction(8, 3), "2.67"), (Fraction(5), "5"),
        (Fraction(1, 16), "0.0625"), (Fraction(-1, 2), "−0.5"), (Fraction(2999999, 1000000), "2.999999"),
        (Fraction(1, 32), "0.03"), (Fraction(10**9 - 1, 10**9), "0.999999999"),
    ],
)  # fmt: skip
def test_digits_that_show_that_a_number_is_not_whole(value, expected):
    assert decimal_text(value) == expected


def test_what_does_not_end_may_be_marked():
    assert decimal_text(Fraction(7, 3), "…") == "2.33…"
    assert decimal_text(Fraction(-1, 2), "…") == "−0.5"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 2), "0.5"), (Fraction(-1, 40), "-0.025"), (Fraction(3), "3"), (7, "7"), (Fraction(1, 3), None),
        (Fraction(1, 10**18), "0." + "0" * 17 + "1"), (Fraction(1, 10**19), None),
    ],
)  # fmt: skip
def test_exact_decimals(value, expected):
    assert exact_decimal(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(2), "2"), (Fraction(-5, 2), "-2.5"), (Fraction(1, 4), "1/4"), (Fraction(1, 3), "1/3")],
)
def test_fractions(value, expected):
    assert fraction_text(value) == expected


def test_short_decimals():
    assert [short_decimal(value) for value in (Fraction(1, 10), Fraction(1, 3), 1e-5)] == ["0.1", "0.333333", "1e-05"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (4.089, "4.09"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (25.13, "25.1"),
        (99.96, "100"),
        (1234.5, "1234"),
        (-25.13, "-25.1"),
    ],
)
def test_three_digits(number, expected):
    assert three_digits(number) == expected
