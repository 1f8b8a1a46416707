"""What each kind of field accepts, the form it gives, and the sentence with which it refuses."""

from fractions import Fraction

import pytest

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Choice, Count, Factor, Flag, Number, Padding, PerAxis, Reference, Whole
from cnncalc.layers.indices import Dimension, Dimensions, Offset, Table
from cnncalc.layers.values import format_value
from cnncalc.symbolic import symbol

H = symbol("H")
HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("field", "value", "rank", "form"),
    [
        (Count("x"), 3, 2, 3),
        (Count("x"), H, 2, H),
        (Count("x", 0), 0, 2, 0),
        (PerAxis("x"), 3, 2, (3, 3)),
        (PerAxis("x"), 3, None, (3,)),
        (PerAxis("x"), 3, 0, ()),
        (PerAxis("x"), [3, H], 2, (3, H)),
        (Padding("x"), 1, 3, ((1, 1),) * 3),
        (Padding("x"), [1, 2], 2, ((1, 1), (2, 2))),
        (Padding("x"), [[0, 1], 2], 2, ((0, 1), (2, 2))),
        (Padding("x"), [[0, 1]], 1, ((0, 1),)),
        (Padding("x"), "valid", 2, ((0, 0), (0, 0))),
        (Padding("x"), "same", 2, "same"),
        (Number("x"), HALF, 2, HALF),
        (Number("x", 0, 1), 1, 2, 1),
        (Factor("x"), 2, 2, (2, 2)),
        (Factor("x"), [HALF, 3], 2, (HALF, 3)),
        (Factor("x"), H, 1, (H,)),
        (Flag("x"), True, 2, True),
        (Choice("x", ("a", "b")), "b", 2, "b"),
        (Whole("x"), [3, -1], 2, (3, -1)),
        (Whole("x"), 7, 2, (7,)),
        (Offset("x"), -3, 2, -3),
        (Offset("x"), H, 2, H),
        (Dimension("x"), -1, 2, -1),
        (Dimensions("x", ("spatial",)), "spatial", 2, "spatial"),
        (Dimensions("x"), [1, -1], 2, (1, -1)),
        (Dimensions("x"), 2, 2, (2,)),
        (Table("x"), [[0, 1], [2]], 2, ((0, 1), (2,))),
        (Reference("x"), "conv1", 2, "conv1"),
    ],
)
def test_accepts(field, value, rank, form):
    assert field.convert(value, rank) == form


@pytest.mark.parametrize(
    ("field", "value", "rank", "sentence"),
    [
        (Count("x"), 0, 2, "expected a whole number of at least 1, got 0"),
        (Count("x"), True, 2, "expected a whole number, got true"),
        (Count("x"), HALF, 2, "expected a whole number, got 0.5"),
        (Count("x"), "same", 2, "expected a whole number, got 'same'"),
        (Count("x"), [3, 3], 2, "expected a whole number, got [3, 3]"),
        (Count("x"), 2**63, 2, "expected a whole number below 2^63"),
        (Count("x"), -(2**70), 2, "expected a whole number of at least 1, got a very large number"),
        (PerAxis("x"), [3, 3, 3], 2, "expected 2 numbers (the input has 2 spatial axes), got 3"),
        (PerAxis("x"), [3], 0, "expected 0 numbers (the input has no spatial axis), got 1"),
        (PerAxis("x"), [3, 0], 2, "expected a whole number of at least 1, got 0"),
        (Padding("x"), "full", 2, "expected a number or one of same, valid, got 'full'"),
        (Padding("x", also=()), "same", 2, "expected a number, got 'same'"),
        (
            Padding("x"),
            [1, 1, 1, 1],
            2,
            "expected 2 numbers or pairs [low, high] (the input has 2 spatial axes), got 4",
        ),
        (Padding("x"), [[1, 2, 3], 1], 2, "expected a pair [low, high], got [1, 2, 3]"),
        (Padding("x"), -1, 2, "expected a whole number of at least 0, got -1"),
        (Number("x"), True, 2, "expected a number, got true"),
        (Number("x"), H, 2, "expected a number, got H"),
        (Number("x", 0, 1), Fraction(3, 2), 2, "expected at most 1, got 1.5"),
        (Number("x", 0, 1), Fraction(-1, 2), 2, "expected at least 0, got -0.5"),
        (Factor("x"), 0, 2, "expected a number above 0, got 0"),
        (Factor("x"), [2, 2, 2], 2, "expected 2 numbers (the input has 2 spatial axes), got 3"),
        (Factor("x"), "twice", 2, "expected a number, got 'twice'"),
        (Flag("x"), 1, 2, "expected true or false, got 1"),
        (Flag("x"), "yes", 2, "expected true or false, got 'yes'"),
        (Choice("x", ("zeros", "reflect")), "mirror", 2, "expected one of zeros, reflect, got 'mirror'"),
        (Whole("x"), [1, HALF], 2, "expected a whole number, got 0.5"),
        (Dimension("x"), H, 2, "expected a plain number, got H"),
        (Dimensions("x"), "all", 2, "expected a whole number, got 'all'"),
        (Table("x"), [0, 1], 2, "expected a list of lists of numbers from 0, got [0, 1]"),
        (Table("x"), [[]], 2, "expected a list of lists of numbers from 0, got [[]]"),
        (Table("x"), [[-1]], 2, "expected a whole number of at least 0, got -1"),
        (Table("x"), [[H]], 2, "expected a plain number, got H"),
        (Reference("x"), 3, 2, "expected the name of an earlier layer, got 3"),
    ],
)
def test_refuses(field, value, rank, sentence):
    with pytest.raises(LayerError) as caught:
        field.convert(value, rank)
    assert caught.value.message == sentence


def test_words_stand_for_themselves():
    assert Padding("x").words == {"same", "valid"}
    assert Choice("x", ("a", "b")).words == {"a", "b"}
    assert Dimensions("x", ("spatial",)).words == {"spatial"}
    assert Count("x").words == frozenset()


def test_shown_keeps_messages_short():
    assert format_value(list(range(100))) == "[0, 1, 2, 3, 4, 5, 6, 7, …]"
    assert len(format_value(["word" * 30] * 5)) == 100
    assert format_value("x" * 100) == f"'{'x' * 60}'"
    assert format_value(Fraction(10**40)) == "a very large number"
