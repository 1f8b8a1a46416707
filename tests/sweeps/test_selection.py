import random
from fractions import Fraction

import pytest

from cnncalc import UsageError
from cnncalc.sweeps.block import Block
from cnncalc.sweeps.pareto import Front
from cnncalc.sweeps.selection import Selection
from cnncalc.sweeps.where import Where, objectives

NAMES = ("network", "width", "depths", "input", "params", "fits", "output", "error")
ROW = ("net", Fraction(1, 2), "[2, 3]", (3, 64, 32), 5_000_000, True, (10,), None)


def holds(text, row=ROW):
    where = Where(text, "--where")
    where.bind(NAMES)
    return where.holds(row)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("params < 5M", False),
        ("params <= 5M and width == 0.5", True),
        ("params > 4.9M", True),
        ("params > 12k and params < 5.1MB", True),
        ("params > 4K and params < 5.1G and params < 1T", True),
        ("params == 5000K", True),
        ("params < 4882KiB", False),
        ("params < 4883KiB", True),
        ("fits", True),
        ("not fits or input[1] == 2 * input[2]", True),
        ("output[0] * width == 5", True),
        ("depths[1] == 3 and len(depths) == 2", True),
        ("network == 'net'", True),
        ("output == [10] and input != [3, 64]", True),
    ],
)
def test_conditions(text, answer):
    assert holds(text) is answer


def test_unknown_is_neither():
    unknown = (*ROW[:4], None, *ROW[5:])
    assert holds("params < 5M", unknown) is None
    assert holds("width < 5", unknown) is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parms < 5M", "--where 'parms < 5M': unknown name 'parms': did you mean 'params'?"),
        ("qqqq < 5", "choose from network, width"),
        ("peak_memry < 5MiB", "unknown name 'peak_memry': did you mean 'peak_memory'?"),
        ("trainabel < 5M", "did you mean 'trainable'?"),
        ("error == 'x'", "unknown name 'error'"),
        ("output == 1000", "cannot compare a list of sizes with a number (pick one: output[0])"),
        ("'1000' != output", "cannot compare a list of sizes with a string (pick one: output[0])"),
        ("input == 224", "(pick one: input[0])"),
        ("params", "expected a condition, such as 'params < 5M and macs < 600M'"),
        ("params < 5Q", "'5Q' is not a number"),
        ("params < ", "unexpected end of the expression"),
        ("params / 0 > 1", "division by zero"),
        ("params < 'a'", "expected a number, got a string"),
    ],
)
def test_faults(text, message):
    with pytest.raises(UsageError) as error:
        holds(text)
    assert message in str(error.value)


def test_several_outputs_are_no_list():
    row = (*ROW[:6], {"p3": (3, 8, 8), "p4": (3, 4, 4)}, None)
    assert holds("params < 9M", row) is True
    for text in ("output == 1000", "output[0] == 3"):
        with pytest.raises(UsageError, match=r"output has several shapes here \(p3, p4\): use another column"):
            holds(text, row)


def test_the_language_of_specs_is_as_it_was():
    from cnncalc.errors import ExpressionError
    from cnncalc.expression.evaluation import parse

    assert parse("5M", scaled=True).evaluate({}) == 5_000_000
    with pytest.raises(ExpressionError, match="'5M' is not a number"):
        parse("5M")


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_the_front_is_what_nothing_beats(size):
    chance = random.Random(size)
    for points in (1, 7, 60, 300):
        keys = [tuple(chance.randint(0, 12) for _ in range(size)) for _ in range(points)]
        front = Front(size)
        for number, key in enumerate(keys):
            front.add(key, (number,))
        best = [
            (key, number)
            for number, key in enumerate(keys)
            if not any(other != key and all(a <= b for a, b in zip(other, key, strict=True)) for other in keys)
        ]
        assert front.rows() == [(number,) for _, number in sorted(best)]


def test_a_front_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("cnncalc.sweeps.pareto.MOST_KEPT", 10)
    front = Front(2)
    for number in range(10):
        front.add((number, -number), (number,))
    with pytest.raises(UsageError, match="more than 10 points are Pareto-optimal"):
        front.add((10, -10), (10,))


def block(*params, errors=None):
    count = len(params)
    same = [(3, 8, 8)] * count
    return Block("net", (1, "x"), same, (list(params), [True] * count), same, errors or [None] * count)


def test_what_is_left_out_is_counted():
    selection = Selection(NAMES, Where("params < 5", "--where"))
    kept = selection.kept(block(4, None, 7, None, errors=[None, None, None, "no network"]))
    assert kept.figures[0] == (4,)
    assert (selection.seen, selection.invalid, selection.unknown, selection.reason) == (4, 1, 1, "no network")


def test_the_front_comes_at_the_end_and_may_be_of_the_largest():
    selection = Selection(NAMES, None, objectives("-params, width"))
    assert selection.kept(block(4, 9, 7)).points == 0
    assert selection.kept(block(9, None)).points == 0
    assert [row[4] for row in selection.front()] == [9, 9]
    assert selection.unknown == 1


def test_objectives_are_numbers():
    with pytest.raises(UsageError, match=r"expected numbers, such as params,macs \(-params to maximize"):
        Selection(NAMES, None, objectives("fits")).kept(block(1))
    with pytest.raises(UsageError, match="--pareto '': the expression is empty"):
        objectives("params,")
