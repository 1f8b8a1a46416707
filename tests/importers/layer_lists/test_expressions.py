"""Arithmetic that the text says; whatever else is there is unread, and too much is refused."""

from fractions import Fraction

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.expressions import Expressions
from cnncalc.importers.layer_lists.values import Class, Module, Unread, is_number


def value(text: str, **variables):
    reader = Expressions(Source("net.lua", text))
    reader.variables.update(variables)
    return reader.expression()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("192*5*5", 4800), ("2 + 3*4", 14), ("(2 + 3)*4", 20), ("7/2", Fraction(7, 2)), ("8/2/2", 2), ("-n + 1", -4),
        ("10 - 3 - 2", 5), ("1e-1", Fraction(1, 10)), ("- -2", 2),
    ],
)  # fmt: skip
def test_arithmetic(text, number):
    assert value(text, n=5) == number


@pytest.mark.parametrize(
    "text", ["n", "n*2", "2/0", "2^3", "7 % 2", "f(2)", "x.y", "#x", "not x", "a or 1", "{1}", "x:y()"]
)
def test_what_is_not_followed(text):
    assert isinstance(value(text), Unread)


def test_words_and_classes():
    assert (value("true"), value("nil"), value("'a'")) == (True, None, "a")
    assert not is_number(True)
    assert value("nn.ReLU") == Class("nn", "ReLU")
    made = value("nn.ReLU(true)")
    assert isinstance(made, Module)
    assert (made.name, made.arguments) == ("ReLU", [True])


@pytest.mark.parametrize("text", ["(" * 40 + "1", "- " * 40 + "1", "9999999999999999999*9", "*".join(["1e90"] * 3)])
def test_what_is_too_much(text):
    with pytest.raises(SpecError, match=r"nested more than 32|too large"):
        value(text)


def test_many_signs_take_no_depth():
    assert value("+".join(["1"] * 5000)) == 5000
