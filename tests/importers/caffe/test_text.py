"""Protobuf's text format, and what is no such text: every fault with its place."""

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.caffe.text import Message, Word, parse
from cnncalc.limits import LONGEST_TEXT

from ...effort import peak_memory


def plain(message):
    return [(name, value.text if isinstance(value, Word) else plain(value)) for name, value in message.fields]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", []),
        ('name: "net"', [("name", "net")]),
        ("name:'a' \"b\"", [("name", "ab")]),
        ("a: 1 a: 2", [("a", "1"), ("a", "2")]),
        ("a: [1, 2, 3]", [("a", "1"), ("a", "2"), ("a", "3")]),
        ("a { b: -1.5e-3 }", [("a", [("b", "-1.5e-3")])]),
        ("a: { b: TRUE, c: MAX; }", [("a", [("b", "TRUE"), ("c", "MAX")])]),
        ("a < b < c: 1 > >", [("a", [("b", [("c", "1")])])]),
        ('# a comment\na: 1 # another: 2\nb: "#no"', [("a", "1"), ("b", "#no")]),
        ('a: "with \\" quote"', [("a", 'with \\" quote')]),
    ],
)
def test_reads(text, fields):
    assert plain(parse(Source("net", text))) == fields


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("layer {", "net:1:1: this is never closed: the file is truncated, or a } is missing"),
        ("a: 1\nlayer { b {\n c: 1 }", "net:2:1: this is never closed"),
        ("a: 1 }", "net:1:6: expected the name of a field, got }"),
        ("a:", "net:1:1: a: expected a value"),
        ("a", "net:1:1: expected ':' or '{' after a"),
        ("a: {b: }", "net:1:5: b: expected a value"),
        ("a: [1", "net:1:1: a: expected a value"),
        ("?", "net:1:1: unexpected '?': not a prototxt?"),
        ('a: "cut', "net:1:4: unexpected '\"'"),
        ("a { " * 65, "net:1:259: messages nested more than 64 deep"),
    ],
)
def test_says_where(text, fault):
    with pytest.raises(SpecError) as caught:
        parse(Source("net", text))
    assert str(caught.value).startswith(fault)


LONG = [
    ('a: "' + "x" * (1 << 22), "this string is never closed"),
    ('a: "' + "\\\\" * (1 << 21) + '"', "a quoted string of more than 65,536 characters"),
    ("a: '" + "\\'" * 30_000, "this string is never closed"),
    ("a: 1 " + ";" * 600_000, "more than 500,000 words and signs"),
    ("a: [" + "1," * 300_000 + "]", "more than 500,000 words and signs"),
    ('a: "x"' + " 'y'" * 300_000, "more than 500,000 words and signs"),
]


@pytest.mark.parametrize(("text", "fault"), LONG, ids=range(len(LONG)))
def test_what_is_too_long(text, fault):
    def refuse():
        with pytest.raises(SpecError, match=fault):
            parse(Source("net", text))

    refuse()


def test_a_text_without_end_takes_little_memory():
    def refuse():
        with pytest.raises(SpecError, match="more than 65,536 characters"):
            parse(Source("net", 'a: "' + "\\\\" * (1 << 21)))

    assert peak_memory(refuse) < 32 << 20  # the text and its line


def test_the_longest_text_and_one_more():
    text = "x" * (LONGEST_TEXT - 2)
    assert plain(parse(Source("net", f'a: "{text}"'))) == [("a", text)]
    with pytest.raises(SpecError, match="more than 65,536 characters"):
        parse(Source("net", f'a: "{text}x"'))


def test_a_hundred_thousand_brackets_are_one_sentence():
    with pytest.raises(SpecError, match="64 deep"):
        parse(Source("net", "a{" * 100_000))


def test_numbers():
    message = parse(Source("net", "a: 3 b: 0.5f c: 1e-5 d: 1 d: 2 e: true"))
    assert message.whole("a") == [3]
    assert message.whole("z", 7) == [7]
    assert message.whole("d") == [1, 2]
    assert str(message.number("b", "0")) == "1/2"
    assert str(message.number("c", "0")) == "1/100000"
    assert message.flag("e", False)
    with pytest.raises(SpecError, match=r"net:1:9: b: expected a whole number of at least 0, got 0\.5f"):
        message.whole("b")
    assert isinstance(message, Message)
