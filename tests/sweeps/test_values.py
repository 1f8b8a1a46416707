from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc import UsageError
from cnncalc.sweeps.values import MOST_LISTED, join_parts, read_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5:2:0.25", ["1/2", "3/4", "1", "5/4", "3/2", "7/4", "2"]),
        ("0.1:0.3:0.1", ["1/10", "1/5", "3/10"]),  # in floats 0.1 + 2·0.1 passes 0.3
        ("1:10:4", ["1", "5", "9"]),  # the end is not met
        ("3:5", ["3", "4", "5"]),
        ("2:1:-0.5", ["2", "3/2", "1"]),
        ("7:7", ["7"]),
        ("{160,192, 224}", ["160", "192", "224"]),
        ("{1:3,8}", ["1", "2", "3", "8"]),
        ("1,0.5", ["1", "1/2"]),
        ("4", ["4"]),
    ],
)
def test_numbers(text, values):
    assert [str(value) for value in read_values(text, "--set x")] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{[2,2,2,2],[3,4,6,3]}", ("[2,2,2,2]", "[3,4,6,3]")),
        ("[3, 4]", ("[3, 4]",)),
        ("{basic,bottleneck}", ("basic", "bottleneck")),
        ("{'a,b',min(1, 2)}", ("'a,b'", "min(1, 2)")),
        ("'1:2'", ("'1:2'",)),
    ],
)
def test_expressions_stay_text(text, values):
    assert read_values(text, "--set x") == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1:2:0", "the step is 0"),
        ("1:2:-1", "a step of -1 does not lead from 1 to 2"),
        ("2:1", "does not lead from 2 to 1"),
        ("1:x", "expected start:stop:step in numbers, such as 0.5:2:0.25, got '1:x'"),
        ("1:2:3:4", "expected start:stop:step"),
        ("1:1e60:1", "too large"),
        ("0:9e18:1e-9", "more than can be counted"),
        ("{1,,2}", "a value is missing between commas"),
        ("{}", "a value is missing"),
        ("[1, 2", "']' is never closed"),
        ("1]", "unmatched ']'"),
        ("'a", "''' is never closed"),
    ],
)
def test_faults(text, message):
    with pytest.raises(UsageError, match="--set x") as error:
        read_values(text, "--set x")
    assert message in str(error.value)


def test_a_range_of_any_length_is_small():
    values = read_values("1:1e18:0.5", "--set x")
    assert len(values) == 2 * 10**18 - 1
    assert values[-1] == 10**18
    assert values[1] == Fraction(3, 2)
    with pytest.raises(IndexError):
        values[2 * 10**18]
    with pytest.raises(UsageError, match="write one range"):
        join_parts([range(MOST_LISTED), range(1)], "--set x")


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 8))
def test_ranges_are_exact(start, stop, step, over):
    start, stop, step = Fraction(start, over), Fraction(stop, over), Fraction(step, over)
    if start > stop:
        start, stop = stop, start
    expected, value = [], start
    while value <= stop:
        expected.append(value)
        value += step
    text = ":".join(
        f"{float(each):.10f}" if each.denominator in (1, 2, 4, 5, 8) else "" for each in (start, stop, step)
    )
    if "::" not in f":{text}:":
        assert list(read_values(text, "x")) == expected
