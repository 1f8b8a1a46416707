"""Words, numbers, strings and signs of Lua and JavaScript, in time proportional to the text."""

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.tokens import Tokens, number_of, shown

from ...effort import seconds


def texts(text: str, language: str = "lua") -> list[str]:
    tokens, found = Tokens(Source("x", text), language), []
    while tokens.next.kind != "end":
        found.append(tokens.take().text)
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a:b(1, 'x y')", ["a", ":", "b", "(", "1", ",", "x y", ")"]),
        ("a -- b\nc --[[ d\n e ]] f", ["a", "c", "f"]),
        ("--[[ never closed\n a", []),
        ("1e-6*.5", ["1e-6", "*", ".5"]),
        (r'"a\"b" c', [r"a\"b", "c"]),
        ('"open\nb', ['"open', "b"]),
        ("a..b ~= c", ["a", "..", "b", "~=", "c"]),
    ],
)
def test_lua(text, found):
    assert texts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("a // b\nc", ["a", "c"]), ("a /* b\n */ c /* d", ["a", "c"]), ("{type:'x'}", ["{", "type", ":", "x", "}"])],
)
def test_javascript(text, found):
    assert texts(text, "js") == found


def test_places():
    tokens = Tokens(Source("x", "a\n  bc"), "lua")
    tokens.take()
    span = tokens.span(tokens.next)
    assert (span.line, span.column, span.width) == (2, 3, 2)
    tokens.take()
    assert shown(tokens.take()) == shown(tokens.take()) == "the end of the file"


@pytest.mark.parametrize("text", ["9" * 21, "1e99999", "1e101", "9" * 20])
def test_numbers_that_are_too_large(text):
    tokens = Tokens(Source("x", text), "lua")
    with pytest.raises(SpecError, match="too large"):
        number_of(tokens, tokens.next)


@pytest.mark.parametrize("language", ["lua", "js"])
@pytest.mark.parametrize("part", [r"\"", "/*", "--[[", "'\\\n", "[[", "x", "."])
def test_any_text_takes_time_in_proportion(part, language):
    few, many = (seconds(lambda n=n: texts(part * n, language)) for n in (5_000, 40_000))
    assert many < 30 * few + 0.1  # 64 times, were it quadratic
