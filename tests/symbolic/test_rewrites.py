"""Every rewrite: its text, and its value against plain Python on every point of a small box with negative values."""

from itertools import product

import pytest

from cnncalc.symbolic import Undecidable, maximum, minimum, render, symbol

X, Y = symbol("x"), symbol("y")
BOX = [{"x": x, "y": y} for x, y in product(range(-13, 14), range(-7, 8))]
POSITIVE = [{"x": x, "y": y} for x, y in product(range(1, 30), range(1, 12))]

# What a rule writes, with Python's operators, and the normal form that comes of it.
REWRITES = {
    "multiples leave the floor": [
        (lambda x, y: 3 * x // 2, "x + x//2"),
        (lambda x, y: -x // 2, "-x + x//2"),
        (lambda x, y: (5 * x - 7) // 4, "x + (x + 1)//4 - 2"),
        (lambda x, y: (4 * x + 8 * y - 3) // 4, "x + 2*y - 1"),
        (lambda x, y: (7 * x * y - x) // 3, "2*x*y + (x*y + 2*x)//3 - x"),
        (lambda x, y: x // -3, "-x + (2*x)//3"),
    ],
    "common factors cancel": [
        (lambda x, y: (2 * x + 1) // 4, "x//2"),
        (lambda x, y: (6 * x + 4 * y - 5) // 8, "(3*x + 2*y + 1)//4 - 1"),
        (lambda x, y: (2 * x - 3) // 2, "x - 2"),
        (lambda x, y: (2 * x * y + 2 * x + 3) // 6, "(x*y + x + 1)//3"),
    ],
    "a chain of windows is one floor": [
        (lambda x, y: (x // 2 + 1) // 3, "(x + 2)//6"),
        (lambda x, y: ((x - 7) // 2 - 3) // 2, "(x + 3)//4 - 4"),
        (lambda x, y: (x // 2 + y) // 3, "(x + 2*y)//6"),
        (lambda x, y: (2 * (x // 3) + 1) // 4, "x//6"),
        (lambda x, y: (x + x // 2) // 3, "x//2"),
        (lambda x, y: (x // 2 + y // 3) // 5, "(x + 2*(y//3))//10"),
        (lambda x, y: 2 * (x // 3) // 3, "(2*(x//3))//3"),
        (lambda x, y: (-(x // 2)) // 3, "-(x//2) + (2*(x//2))//3"),
    ],
    "remainders": [
        (lambda x, y: x % 4 // 4, "0"),
        (lambda x, y: x % 4 % 4 - x % 4, "0"),
        (lambda x, y: x % 6, "x - 6*(x//6)"),
        (lambda x, y: (x * y) % 1, "0"),
        (lambda x, y: x % -3, "-2*x + 3*((2*x)//3)"),
    ],
    "powers and products": [
        (lambda x, y: (x + y) ** 2, "x*x + 2*x*y + y*y"),
        (lambda x, y: (x - 1) ** 3, "x*x*x - 3*x*x + 3*x - 1"),
        (lambda x, y: (x // 2) ** 2 - x // 2 * (x // 2), "0"),
        (lambda x, y: x**0, "1"),
    ],
}
CASES = [(family, rule, text) for family, rules in REWRITES.items() for rule, text in rules]


@pytest.mark.parametrize(("family", "rule", "text"), CASES)
def test_rewrite(family, rule, text):
    form = rule(X, Y)
    assert str(form) == text
    for point in BOX:
        value = form if isinstance(form, int) else form.evaluate(point)
        assert value == rule(**point), point


EXTREMA = [
    (lambda x, y, low, high: low(x, x + 1), "x"),
    (lambda x, y, low, high: high(x, x + 1, 0), "x + 1"),
    (lambda x, y, low, high: low(x, 7), "min(x, 7)"),
    (lambda x, y, low, high: low(low(x, 7) + 1, y), "min(x + 1, y, 8)"),
    (lambda x, y, low, high: low((x + 2) // 3, x // 3), "x//3"),
    (lambda x, y, low, high: high((x - 5) // 4 + 2, x // 4), "(x + 3)//4"),
    (lambda x, y, low, high: (low(x, y) + 3) // 2, "min((x + 1)//2, (y + 1)//2) + 1"),
    (lambda x, y, low, high: low(high(x, 3), 2), "2"),
    (lambda x, y, low, high: high(low(x, 3), 4 * y), "4*y"),
    (lambda x, y, low, high: high(low(x, 9), 4 * y), "max(4*y, min(x, 9))"),
    (lambda x, y, low, high: low(x * x, x), "x"),
    (lambda x, y, low, high: low(x - 3, y - 2) - low(x, y + 1), "-3"),
]


@pytest.mark.parametrize(("rule", "text"), EXTREMA)
def test_minimum_and_maximum(rule, text):
    form = rule(X, Y, minimum, maximum)
    assert str(form) == text
    for point in POSITIVE:
        value = form if isinstance(form, int) else form.evaluate(point)
        assert value == rule(point["x"], point["y"], min, max), point


@pytest.mark.parametrize("divisor", range(1, 8))
@pytest.mark.parametrize("offset", range(-9, 10))
def test_ceil_is_a_floor(divisor, offset):
    form = (2 * X + offset + divisor - 1) // divisor
    for x in range(-20, 21):
        value = form if isinstance(form, int) else form.evaluate({"x": x})
        assert value == -(-(2 * x + offset) // divisor)


def torch_ceil_mode(n, low, high, extent, stride):
    """`pooling_output_shape_pad_lr` of aten/src/ATen/native/Pool.h, its divisions floored as there."""
    out = (n + low + high - extent + stride - 1) // stride + 1
    if (out - 1) * stride >= n + low:
        out -= 1
    return out


def test_ceil_mode_is_one_floor_for_all_small_windows():
    for extent, stride in product(range(1, 9), range(1, 6)):
        paddings = range(extent // 2 + 1)  # PyTorch refuses more
        for low, high in product(paddings, paddings):
            _check_ceil_mode(low, high, extent, stride)


def _check_ceil_mode(low, high, extent, stride):
    form = minimum((X + low + high - extent + stride - 1) // stride + 1, (X + low + stride - 1) // stride)
    assert "min" not in str(form)
    for n in range(1, 25):
        if n + low + high >= extent:
            assert form.evaluate({"x": n}) == torch_ceil_mode(n, low, high, extent, stride)


def test_exact_division_by_a_form():
    assert (X * X - Y * Y) // (X + Y) == X - Y
    assert (6 * X * (X // 2)) // (2 * (X // 2)) == 3 * X
    assert (X * Y + 2 * X) % (Y + 2) == 0
    assert 0 // X == 0
    with pytest.raises(Undecidable, match="not exact"):
        (X * X + 1) // X
    with pytest.raises(Undecidable, match="not exact"):
        7 // X
    with pytest.raises(ZeroDivisionError):
        X // 0


def test_what_is_constant_is_an_int():
    for constant in (X - X, X * 0, X**0, (2 * X + 1) // 2 - X, X // 1 - X, 5 + X - X):
        assert type(constant) is int
    assert render(X - X + 3, "latex") == "3"
