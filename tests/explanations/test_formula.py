"""Formulas: what is written is what was built, and the numbers put in give the result that stands beside them."""

import random
import re
from fractions import Fraction

import pytest

from cnncalc.explanations.formula import Letter, Rounded, render_value
from cnncalc.symbolic import symbol

from ..examples import examples

N, F, S, P = map(Letter, "NFSP")


@pytest.mark.parametrize(
    ("formula", "letters", "numbers", "latex"),
    [
        ((N - F + 2 * P) / S + 1, "(N − F + 2·P)/S + 1", "(227 − 11 + 2·0)/4 + 1", r"\frac{N - F + 2 \cdot P}{S} + 1"),
        (N - (F + P), "N − (F + P)", "227 − (11 + 0)", r"N - \left(F + P\right)"),
        (S * (N - 1), "S·(N − 1)", "4·(227 − 1)", r"S \cdot \left(N - 1\right)"),
        (N / (F * S), "N/(F·S)", "227/(11·4)", r"\frac{N}{F \cdot S}"),
        (Rounded(N / S), "⌊N/S⌋", "⌊227/4⌋", r"\left\lfloor \frac{N}{S} \right\rfloor"),
        (Rounded(N / S, up=True), "⌈N/S⌉", "⌈227/4⌉", r"\left\lceil \frac{N}{S} \right\rceil"),
    ],
)
def test_parentheses_stand_only_where_they_are_needed(formula, letters, numbers, latex):
    values = {"N": 227, "F": 11, "S": 4, "P": 0}
    assert formula.render() == letters
    assert formula.render(values) == numbers
    assert formula.render(style="latex") == latex


def test_random_formulas_read_back_as_python_give_their_own_value():
    rng = random.Random(3)

    def build(depth):
        if depth == 0:
            value = rng.randint(-9, 20)
            name = f"x{rng.randint(0, 10**9)}"
            values[name] = value
            return Letter(name), Fraction(value)
        (left, a), (right, b) = build(depth - 1), build(rng.randint(0, depth - 1))
        kind = rng.choice("+-*/" if b else "+-*")
        return {"+": (left + right, a + b), "-": (left - right, a - b), "*": (left * right, a * b)}.get(kind) or (
            left / right,
            a / b,
        )

    for _ in range(examples(3000)):
        values = {}
        formula, expected = build(rng.randint(1, 4))
        text = formula.render(values).replace("−", "-").replace("·", "*")
        exact = re.sub(r"\d+", r"Fraction(\g<0>)", text)
        assert eval(exact, {"Fraction": Fraction}) == expected, text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"), (999, "999"), (9999, "9,999"), (34848, "34,848"), (Fraction(217, 4), "54.25"),
        (Fraction(7, 3), "2.33…"),
        (Fraction(8, 2), "4"), (-3, "−3"), (symbol("H") // 4 - 2, "⌊H/4⌋ − 2"),
        (1234 * symbol("H") - 56789, "1,234·H − 56,789"), (Fraction(4001, 2), "2,000.5"),
    ],
)  # fmt: skip
def test_results_as_a_reader_writes_them(value, text):
    assert render_value(value) == text


@pytest.mark.parametrize(("style", "text"), [("plain", "34848"), ("unicode", "34,848"), ("latex", "34{,}848")])
def test_digits_of_terms_are_grouped_as_those_of_results(style, text):
    product = Letter("K") * Letter("C")
    assert product.render({"K": 34848, "C": 7}, style).startswith(text)
    if style != "plain":
        assert render_value(34848, style) == text
