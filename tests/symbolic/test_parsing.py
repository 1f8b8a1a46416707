"""Plain notation read back: Python's precedence, and a sentence for what is none."""

import pytest

from cnncalc.symbolic import NotationError, maximum, minimum, parse, symbol

H, W = symbol("H"), symbol("W")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("H", H),
        (" 12 ", 12),
        ("(H + 3)//4", (H + 3) // 4),
        ("2*H//3", 2 * H // 3),
        ("2*(H//3)", 2 * (H // 3)),
        ("-H//2", (-H) // 2),
        ("-(H//2)", -(H // 2)),
        ("H - W - 1", H - W - 1),
        ("H - (W - 1)", H - W + 1),
        ("H//2//3", H // 6),
        ("H % 4", H % 4),
        ("-H**2", -(H * H)),
        ("2*-H", -2 * H),
        ("min(H, W + 1, 7)", minimum(H, W + 1, 7)),
        ("max(H, -3) - min(4, 5)", maximum(H, -3) - 4),
        ("H - - 3", H + 3),
        ("(H*W + W)//(H + 1)", W),
    ],
)
def test_read(text, form):
    assert parse(text) == form


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a name is expected, not 'the end'"),
        ("H +", "not 'the end'"),
        ("(H", "'\\)' is expected, not 'the end'"),
        ("H)", "'\\)' is not expected"),
        ("H W", "'W' is not expected"),
        ("H / 2", "'/' is not expected"),
        ("1.5", "'.' is not expected"),
        ("H // 0", "division by zero"),
        ("H % (3 - 3)", "division by zero"),
        ("H ** W", "'W' is not an integer exponent"),
        ("H ** 65", "'65' is not an integer exponent"),
        ("2 ** 65", "'65' is not an integer exponent"),
        ("((2 ** 64) ** 64) ** 64", "exponent 64 is too large"),
        ("H **", "'the end' is not an integer"),
        ("min H", "'\\(' is expected, not 'H'"),
        ("__import__('os')", "is not expected"),
        ("(" * 61 + "H" + ")" * 61, "nested more than 60"),
        ("H" * 100_001, "100001 characters"),
        ("9" * 1001, "1001 digits"),
        ("max()", "a number or a name is expected"),
        ("H²", "'²' is not expected"),
    ],
)
def test_refused(text, message):
    with pytest.raises(NotationError, match=message):
        parse(text)
