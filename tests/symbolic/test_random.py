"""Random rules: the engine against Python's own arithmetic, and the text against the form that it came from."""

import random

import pytest

from cnncalc.expression.evaluation import evaluate
from cnncalc.limits import LONGEST_EXPRESSION
from cnncalc.symbolic import Expr, Undecidable, lower_bound, maximum, minimum, render, symbol, upper_bound
from cnncalc.symbolic.evaluation import evaluate_columns

from ..examples import examples

NAMES = ("x", "y", "H")
RULES = examples(20_000)


def random_rule(random_source, depth, *, extrema):
    """A rule as a nested tuple: a name, an integer, or an operator and what it works on."""
    if depth == 0 or random_source.random() < 0.1:
        return random_source.choice((*NAMES, random_source.randint(-9, 9)))
    operators = ["+", "+", "-", "*", "//", "//", "//", "%", "neg", "**", "scale"] + ["min", "max"] * extrema
    operator = random_source.choice(operators)
    left = random_rule(random_source, depth - 1, extrema=extrema)
    if operator in ("//", "%"):
        return operator, left, random_source.choice([1, 2, 3, 4, 5, 6, 8, 12, -1, -2, -3])
    if operator == "scale":
        return "*", left, random_source.randint(-6, 6)
    if operator == "neg":
        return "neg", left
    if operator == "**":
        return "**", left, random_source.choice([0, 1, 2])
    return operator, left, random_rule(random_source, depth - 1, extrema=extrema)


def work_out(rule, names, low, high):
    """The rule by Python's operators, for integers and forms alike."""
    if isinstance(rule, str):
        return names[rule]
    if isinstance(rule, int):
        return rule
    operator, *parts = rule
    left, *right = (work_out(part, names, low, high) for part in parts)
    match operator:
        case "neg":
            return -left
        case "min":
            return low(left, *right)
        case "max":
            return high(left, *right)
        case "+":
            return left + right[0]
        case "-":
            return left - right[0]
        case "*":
            return left * right[0]
        case "//":
            return left // right[0]
        case "%":
            return left % right[0]
        case _:
            return left ** right[0]


FORMS = {name: symbol(name) for name in NAMES}


def random_forms(seed, *, extrema, count=RULES // 4):
    random_source = random.Random(seed)
    for _ in range(count):
        rule = random_rule(random_source, random_source.randint(1, 5), extrema=extrema)
        yield random_source, rule, work_out(rule, FORMS, minimum, maximum)


def value_at(form, point):
    return form.evaluate(point) if isinstance(form, Expr) else form


@pytest.mark.parametrize("seed", range(4))
def test_random_rules_on_all_integers(seed):
    for random_source, rule, form in random_forms(seed, extrema=False):
        for _ in range(6):
            point = {name: random_source.randint(-40, 40) for name in NAMES}
            assert value_at(form, point) == work_out(rule, point, min, max), (rule, point, form)


@pytest.mark.parametrize("seed", range(2))
def test_random_rules_with_minimum_and_maximum_on_sizes(seed):
    for random_source, rule, form in random_forms(seed, extrema=True):
        for _ in range(6):
            point = {name: random_source.choice([1, 2, 3, random_source.randint(1, 60)]) for name in NAMES}
            assert value_at(form, point) == work_out(rule, point, min, max), (rule, point, form)


def test_text_is_read_back_as_the_same_form():
    for _, rule, form in random_forms(11, extrema=True):
        if len(str(form)) > LONGEST_EXPRESSION:
            continue  # longer than an expression may be
        again = evaluate(str(form), FORMS)
        assert again == form, (rule, str(form))
        assert hash(again) == hash(form)
        assert str(again) == str(form)


def test_text_means_to_python_what_the_form_is():
    for random_source, rule, form in random_forms(12, extrema=True, count=examples(2000)):
        point = {name: random_source.randint(1, 60) for name in NAMES}
        assert eval(str(form), {"min": min, "max": max}, point) == value_at(form, point), rule


def test_every_style_writes_every_form():
    for _, _, form in random_forms(13, extrema=True, count=examples(500)):
        for style in ("plain", "unicode", "latex"):
            text = render(form, style)
            assert text.count("(") == text.count(")")
            assert text.count("⌊") == text.count("⌋")
            assert text.count("{") == text.count("}")


def test_bounds_hold():
    decided = 0
    for random_source, rule, form in random_forms(14, extrema=True):
        low, high = lower_bound(form), upper_bound(form)
        decided += low is not None or high is not None
        for _ in range(4):
            value = value_at(form, {name: random_source.choice([1, 2, random_source.randint(1, 60)]) for name in NAMES})
            assert low is None or low <= value, (rule, form)
            assert high is None or value <= high, (rule, form)
    assert decided > RULES // 8


def test_substitution_is_the_rule_on_other_sizes():
    others = {"x": symbol("y") // 2 + 1, "y": 5, "H": symbol("H") * 2}
    for random_source, rule, form in random_forms(15, extrema=False, count=examples(2000)):
        put_in = form.substitute(others) if isinstance(form, Expr) else form
        point = {name: random_source.randint(-30, 30) for name in NAMES}
        inner = {name: value_at(other, point) for name, other in others.items()}
        assert value_at(put_in, point) == work_out(rule, inner, min, max), (rule, form, put_in)


def test_columns_are_the_values_point_by_point():
    for random_source, _, form in random_forms(16, extrema=True, count=examples(1000)):
        if isinstance(form, Expr):
            columns = {name: [random_source.randint(-50, 50) for _ in range(5)] for name in NAMES}
            points = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
            assert evaluate_columns(form.terms, columns, 5) == [form.evaluate(point) for point in points]


def test_comparisons_are_right_or_refused():
    answers = 0
    pairs = zip(
        random_forms(17, extrema=True, count=examples(1500)),
        random_forms(18, extrema=True, count=examples(1500)),
        strict=True,
    )
    for (random_source, _, left), (_, _, right) in pairs:
        for name, answer in {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.items():
            if not isinstance(answer, bool):
                with pytest.raises(Undecidable):
                    bool(answer)
                continue
            answers += 1
            point = {symbol_name: random_source.randint(1, 40) for symbol_name in NAMES}
            one, other = value_at(left, point), value_at(right, point)
            assert answer == {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[name]
    assert answers > 500
