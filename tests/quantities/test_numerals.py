"""Digits from outside: Python's own `int` takes more than ours, and stops at 4,300 digits."""

import pytest

from cnncalc.quantities.numerals import LARGEST_SIZE, natural, numeral

STRANGE = ["", " 1", "1 ", "+1", "-1", "1_000", "²", "٣", "１", "1.0", "1e3", "0x1", "9" * 5000, "1" + "0" * 100]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("9223372036854775807", LARGEST_SIZE)])
def test_natural_numbers(text, number):
    assert natural(text) == number


@pytest.mark.parametrize("text", [*STRANGE, "9223372036854775808"])
def test_nothing_else_is_one(text):
    assert natural(text) is None


def test_its_limit():
    assert (natural("999", 999), natural("1000", 999)) == (999, None)


@pytest.mark.parametrize("text", ["²", "٣", "１", " 1", "1_0"])
def test_a_numeral_has_the_digits_0_to_9(text):
    assert numeral(text) is None


def test_a_numeral_of_too_many_digits():
    with pytest.raises(OverflowError, match="the number is too large"):
        numeral("9" * 5000)
