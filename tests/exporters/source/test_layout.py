import pytest

from cnncalc.exporters.source.layout import Bracketed, lines


def call(*items, **more):
    return Bracketed("call(", items, ")", **more)


LONG = "a" * 45


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ("x", ["y = x"]),
        (call("a", "b"), ["y = call(a, b)"]),
        (call(LONG, "b" * 35), ["y = call(", f"    {LONG}, {'b' * 35}", ")"]),
        (call(LONG, LONG), ["y = call(", f"    {LONG},", f"    {LONG},", ")"]),
        (call(call(LONG, LONG)), ["y = call(", "    call(", f"        {LONG},", f"        {LONG},", "    )", ")"]),
        (call("a", "b", open=True), ["y = call(", "    a,", "    b,", ")"]),
        (call("a", open=True), ["y = call(a)"]),
        (Bracketed("[", (LONG, "b" * 38), "]"), ["y = [", f"    {LONG},", f"    {'b' * 38},", "]"]),
        (Bracketed("[", (LONG * 2,), "]"), ["y = [", f"    {LONG * 2},", "]"]),
        (f"{LONG} + {'b' * 36}", [f"y = {LONG} + {'b' * 36}"]),
        (LONG * 3, [f"y = {LONG * 3}"]),
        (Bracketed("[", (LONG, "for _ " + LONG), "]", comma=""), ["y = [", f"    {LONG}", f"    for _ {LONG}", "]"]),
    ],
)  # fmt: skip
def test_is_opened_where_it_is_too_long(doc, expected):
    assert lines(doc, 0, "y = ") == expected


def test_what_has_no_bracket_gets_one_where_that_helps():
    text = f"{LONG} + {'b' * 35}"
    assert lines(text, 0, "target = ") == ["target = (", f"    {text}", ")"]
    assert lines(text, 0, "y = ") == [f"y = {text}"]


@pytest.mark.parametrize("sign", "+*")
def test_a_chain_too_long_for_a_line_has_a_name_on_each(sign):
    chain = f" {sign} ".join([LONG, LONG, "x1.y"])
    assert lines(chain, 4, "x = ") == [
        "    x = (",
        f"        {LONG}",
        f"        {sign} {LONG}",
        f"        {sign} x1.y",
        "    )",
    ]
