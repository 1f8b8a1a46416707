"""What an Expr is to the rest of the package: a value that does not change, is never guessed at, and costs little."""

import copy
import pickle
import subprocess
import sys

import pytest

import cnncalc.symbolic
from cnncalc.symbolic import (
    Expr,
    Relation,
    Residues,
    Undecidable,
    compare,
    evaluate_size,
    lower_bound,
    maximum,
    minimum,
    render,
    substitute_size,
    symbol,
    upper_bound,
)

from ..effort import steps

H, W = symbol("H"), symbol("W")


def test_equal_forms_are_equal_objects_in_sets_and_dicts():
    assert {H // 2 + 1, (H + 2) // 2, 1 + H // 2} == {H // 2 + 1}
    assert {H: "height"}[symbol("H")] == "height"
    assert H != W
    assert H != "H"
    assert H - W != W - H


def test_it_does_not_change():
    with pytest.raises(AttributeError, match="does not change"):
        H.terms = {}
    before = str(H)
    H * 3 + 1
    assert str(H) == before


def test_it_survives_copying_and_pickling():
    form = minimum(H // 3 + W, 7 * H) * (H // 2)
    for again in (copy.copy(form), copy.deepcopy(form), pickle.loads(pickle.dumps(form))):
        assert again == form
        assert hash(again) == hash(form)
    relation = form >= 9
    assert pickle.loads(pickle.dumps(relation)) == relation


def test_it_is_not_taken_for_true_false_or_a_number():
    for undecided in (H - 1, H // 2, H > 3, Relation(H, "==", W)):
        with pytest.raises(Undecidable):
            bool(undecided)
    assert bool(H) is True
    with pytest.raises(Undecidable):
        min(H, 5)
    for conversion in (int, float, range, len):
        with pytest.raises(TypeError):
            conversion(H)


def test_what_is_no_size_is_refused():
    for other in (1.5, "3", None, [1]):
        for operation in ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__floordiv__", "__mod__", "__lt__"):
            assert getattr(H, operation)(other) is NotImplemented
    for bad in (-1, 65):
        with pytest.raises(ValueError, match="exponent"):
            H**bad
    with pytest.raises(TypeError):
        2**H
    with pytest.raises(Undecidable, match="degree past 1000"):
        (H**64) ** 64


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (H >= 1, True),
        (H < 1, False),
        (H + W > 1, True),
        (H * W >= H, True),
        (H * H - H >= 0, True),
        (H // 2 < H, True),
        (H - 4 * (H // 4) <= 3, True),
        ((H + 2) // 3 >= H // 3, True),
        (8 * (H // 8) <= H, True),
        ((H + 31) // 32 >= 1, True),
        (maximum(H - 7, 1) >= 1, True),
        (minimum(H, 7) <= 7, True),
        (minimum(H, 7) > W + 7, False),
        (H > 0, True),
        (3 - H > 2, False),
        (compare(3, "<", 4), True),
        (compare(H, "==", H + 0), True),
        (compare(H, "!=", H + 1), True),
    ],
)
def test_what_bounds_decide(answer, expected):
    assert answer is expected


def test_what_bounds_do_not_decide_is_a_relation():
    assert (H >= 2) == Relation(H, ">=", 2)
    assert (H > 5) == Relation(H, ">", 5)
    assert str(W < H // 2 + 1) == "W < H//2 + 1"
    assert (W <= H).render("unicode") == "W ≤ H"
    assert (W <= H).render("latex") == r"W \le H"
    assert (W <= H).symbols == {"H", "W"}
    assert (W <= H).substitute({"W": H // 2}) is True
    assert (W <= H).evaluate({"W": 3, "H": 2}) is False


def test_values():
    form = (H + 3) // 4 * W - 2
    assert form.evaluate({"H": 224, "W": 3}) == 166
    assert form.substitute({"H": 224}) == 56 * W - 2
    assert form.substitute({"H": 4 * W, "W": H}) == W * H - 2
    assert form.symbols == {"H", "W"}
    assert evaluate_size(7, {}) == substitute_size(7, {}) == 7
    assert evaluate_size(H, {"H": 2}) == 2
    with pytest.raises(Undecidable, match="no value is given for W"):
        form.evaluate({"H": 224})


def test_bounds():
    assert (lower_bound(H // 2 - 3), upper_bound(H // 2 - 3)) == (-3, None)
    assert (lower_bound(H % 5), upper_bound(H % 5)) == (0, 4)
    assert (lower_bound(5), upper_bound(5)) == (5, 5)
    assert (lower_bound(H - W), upper_bound(minimum(H, 9) - W)) == (None, 8)


@pytest.mark.parametrize(
    ("form", "plain", "unicode", "latex"),
    [
        ((H + 29) // 32 - 2, "(H + 29)//32 - 2", "⌊(H+29)/32⌋ − 2", r"\left\lfloor \frac{H+29}{32} \right\rfloor - 2"),
        (
            16 * ((H + 4) // 16) - 188,
            "16*((H + 4)//16) - 188",
            "16·⌊(H+4)/16⌋ − 188",
            r"16 \left\lfloor \frac{H+4}{16} \right\rfloor - 188",
        ),
        (3 * H**2 * W - H, "3*H*H*W - H", "3·H²·W − H", "3 H^{2} W - H"),
        (-(H // 3), "-(H//3)", "−⌊H/3⌋", r"-\left\lfloor \frac{H}{3} \right\rfloor"),
        (H**12, "*".join("H" * 12), "H¹²", "H^{12}"),
        (minimum(H, 7), "min(H, 7)", "min(H, 7)", r"\min(H, 7)"),
        ((H // 2) ** 2, "(H//2)*(H//2)", "⌊H/2⌋²", r"\left\lfloor \frac{H}{2} \right\rfloor^{2}"),
        (symbol("T1") * symbol("a_b"), "T1*a_b", "T1·a_b", r"T_{1} \mathrm{a\_b}"),
        (0, "0", "0", "0"),
        (-4, "-4", "−4", "-4"),
    ],
)
def test_three_notations(form, plain, unicode, latex):
    assert [render(form, style) for style in ("plain", "unicode", "latex")] == [plain, unicode, latex]


def test_repr():
    assert repr(H + 1) == "Expr('H + 1')"
    assert eval(repr(Residues("H", 32, (3,), 67))) == Residues("H", 32, (3,), 67)


def test_a_chain_of_a_hundred_windows_is_fast():
    def chained() -> Expr:
        size = H
        for index in range(100):
            size = (size + 2 - 1 * (3 - 1) - 1) // (1 + index % 2) + 1
        return size

    steps(chained, most=100_000)
    assert len(chained().terms) <= 2


def test_a_hundred_terms_multiply_fast():
    width = symbol("w")
    channels = sum((width * factor + 4) // (8 + factor) for factor in range(3, 103))
    assert len(channels.terms) >= 100
    steps(lambda: channels * channels + channels, most=300_000)
    product = channels * channels + channels
    assert product.evaluate({"w": 12}) == channels.evaluate({"w": 12}) * (channels.evaluate({"w": 12}) + 1)


def test_floors_that_do_not_chain_stay_small_enough_to_use():
    size = H
    for _ in range(40):
        size = 3 * size // 2
    expected = 17
    for _ in range(40):
        expected = 3 * expected // 2
    assert isinstance(size, Expr)
    assert size.evaluate({"H": 17}) == expected
    assert size.substitute({"H": 17}) == expected
    assert size >= 1


def test_import_pulls_in_nothing_heavy():
    heavy = "{'fractions', 'sympy', 'numpy', 'decimal', 'torch', 'random'}"
    code = f"import sys; import cnncalc.symbolic; print(sorted({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in cnncalc.symbolic.__all__:
        assert getattr(cnncalc.symbolic, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cnncalc.symbolic.nothing  # noqa: B018
