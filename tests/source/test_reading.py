"""YAML text → nodes: exact places, and a message for everything that YAML misreads."""

import io
import itertools
import os
import random
import sys
import threading
from fractions import Fraction
from functools import cache
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.errors import Source, SpecError, UsageError
from cnncalc.source import reading as source_module
from cnncalc.source.reading import Mapping, Scalar, Sequence, parse, read, trap

from ..effort import peak_memory, seconds, steps
from ..examples import examples

needs_libyaml = pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")


def tree(node):
    """A node as plain lists, with every place."""
    place = (node.span.line, node.span.column, node.span.width)
    if isinstance(node, Scalar):
        return node.text, node.value, type(node.value), node.quoted, place
    if isinstance(node, Sequence):
        return [tree(item) for item in node.items], node.flow, place
    return [(tree(key), tree(value)) for key, value in node.entries.values()], node.flow, place


def outcome(text):
    """The tree of a text, or its faults as they are printed."""
    try:
        return tree(parse(Source("a.yaml", text)))
    except SpecError as error:
        return str(error)


def faults(text):
    with pytest.raises(SpecError) as raised:
        parse(Source("a.yaml", text))
    return raised.value.faults


def under(fault):
    """The characters that a fault underlines."""
    line = fault.span.source.line(fault.span.line)
    return line[fault.span.column - 1 : fault.span.column - 1 + fault.span.width]


def value(text):
    node = parse(Source("a.yaml", f"a: {text}"))
    assert isinstance(node, Mapping)
    return node.get("a").value


# -- values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("1e-3", Fraction(1, 1000)),
        ("-2.5e1", -25),
        ("1.0", 1),
        ("9223372036854775808", 2**63),
        ("true", True),
        ("false", False),
        *((text, text) for text in ("010", "0x10", "0o10", "1_000", "16:9", "yes", "True", "null", "~", "2024-01-01")),
        *((text, text) for text in (".nan", "nan", ".inf", "4*width", "-width", "3x227x227", "1,000", "a:b", "x#y")),
        ("'3'", "3"),
        ('"true"', "true"),
        ("", ""),
    ],
)
def test_plain_scalars(text, expected):
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize("text", ["9223372036854775809", "-99999999999999999999", "1e30", "1" * 100_000, "1e999999999"])
def test_numbers_too_large(text):
    (fault,) = faults(f"a: {text}")
    assert "too large" in fault.message
    assert under(fault) == text


def test_block_and_quoted_scalars():
    node = parse(Source("a.yaml", "a: |\n  x\n  y\nb: 'it''s'\nc: >-\n  3\n"))
    assert [node.get(key).text for key in "abc"] == ["x\ny\n", "it's", "3"]
    assert all(node.get(key).quoted for key in "abc")
    assert node.get("c").value == "3"
    assert node.get("d") is None


# -- places


def test_places():
    text = (
        "name: Größe 𝔸\n"
        "layers:\n"
        "  - conv: {out_channels: 96, kernel_size: [3,\n"
        "      5]}\n"
        "    name: 'c\n"
        "      d'\n"
        "  - relu:\n"
    )
    node = parse(Source("a.yaml", text))
    layers = node.get("layers")
    conv = layers.items[0].get("conv")
    shown = {
        "Größe 𝔸": node.get("name"),
        "- conv: {out_channels: 96, kernel_size: [3": layers,
        "conv: {out_channels: 96, kernel_size: [3": layers.items[0],
        "{out_channels: 96, kernel_size: [3": conv,
        "96": conv.get("out_channels"),
        "[3": conv.get("kernel_size"),
        "5": conv.get("kernel_size").items[1],
        "'c": layers.items[0].get("name"),
        "name: Größe 𝔸": node,
    }
    for characters, part in shown.items():
        assert under(part) == characters
    empty = layers.items[1].get("relu")
    assert empty.empty
    assert (empty.span.line, empty.span.column, empty.span.width) == (7, 10, 1)


def test_carriage_returns_change_no_place():
    text = "name: é\nlayers:\n  - conv: {a: 1,\n     b: [2]}\n  - 'x\n    y'\n"
    assert outcome(text.replace("\n", "\r\n")) == outcome(text)
    assert outcome(text.replace("conv: {a: 1", "conv: {a:\t1")) == outcome(text)


def test_a_repeated_node_keeps_its_place():
    node = parse(Source("a.yaml", "a: &x [1, 2]\nb: *x\n"))
    assert node.get("b") is node.get("a")


# -- traps

MISREAD = [
    # text, what is underlined, message, hint
    ("- conv: {kernel_size:3}", "kernel_size:3", "no space after the colon of 'kernel_size'", "write 'kernel_size: 3'"),
    ("- conv:{a: 1}", "conv:{a", "no space after the colon of 'conv'", "write 'conv: {a: 1}'"),
    ("- conv:{a: 1, b: 2}", "conv:{a: 1, b: 2}", "no space after the colon of 'conv'", "write 'conv: {a: 1, b: 2}'"),
    ("- linear:4096", "linear:4096", "no space after the colon of 'linear'", "write 'linear: 4096'"),
    (
        "input:3x227x227\nlayers:\n- relu",
        "input:3x227x227",
        "no space after the colon of 'input'",
        "write 'input: 3x227x227'",
    ),
    ("a: b\ninput:3\nc: d", "input:3", "no space after the colon of 'input'", "write 'input: 3'"),
    ("input:3", "input:3", "no space after the colon of 'input'", "write 'input: 3'"),
    ("- conv: {a: (3, 5)}", "(3", "parentheses do not make a list", "use brackets: [3, 5]"),
    ("{a: f(8*w, 8)}", "f(8*w", "a comma ends the value inside braces", 'quote it: "f(8*w, 8)"'),
    (
        "[nn.Conv2d(3, 8, 5), relu]",
        "nn.Conv2d(3",
        "a comma ends the value inside brackets",
        "a layer is one word and its fields a mapping: 'conv: {…}'",
    ),
    ("[f(8*w, 8)]", "f(8*w", "a comma ends the value inside brackets", 'quote it: "f(8*w, 8)"'),
    ("{a=3}", "a=3", "'=' does not assign a value to 'a'", "write 'a: 3'"),
    ("when: !x", "!", "'!' starts a YAML tag", "write 'not x'"),
    ("{when: !x}", "!", "'!' starts a YAML tag", "write 'not x'"),
    ("when: !(a and b) # c", "!", "'!' starts a YAML tag", "write 'not (a and b)'"),
    ("a: !!python/object/apply:os.system [ls]", "!", "'!' starts a YAML tag", "leave the tag out"),
    ("a: !!str 3", "!", "'!' starts a YAML tag", "leave the tag out"),
    ("macs: > 5M", ">", "'>' starts a YAML block of text", 'quote it: "> 5M"'),
    ("macs: >= 5M", ">", "'>' starts a YAML block of text", 'quote it: ">= 5M"'),
    ("macs: >5", ">5", "'>' starts a YAML block of text", 'quote it: ">5"'),
    ("{macs: > 5M}", ">", "a value cannot start with '>'", 'quote it: "> 5M"'),
    ("from: *.skip", "*", "'*' starts a YAML alias", 'quote it: "*.skip"'),
    ("from: *skip", "*skip", "'*' starts a YAML alias", 'quote it: "*skip"'),
    ("a: %x", "%", "a value cannot start with '%'", 'quote it: "%x"'),
    ("a: @x", "@", "a value cannot start with '@'", 'quote it: "@x"'),
    ("a: `x`", "`", "a value cannot start with '`'", 'quote it: "`x`"'),
    ("a:\n\tb: 1", "\t", "a tab indents this line: YAML indents with spaces", "use spaces"),
    ("-conv: 3", "-conv", "no space after the dash", "write '- conv'"),
    ("a:\n  -relu\n  -flatten", "-relu", "no space after the dash", "write '- relu'"),
    ("a: 1\nb: 2\na: 3", "a", "'a' is given twice: on line 1 and on line 3", "keep one"),
    ("a:\n  <<: {b: 1}", "<<", "merge keys are not supported", "declare a block with parameters instead"),
    ("a: &s [*s]", "*s", "'*s' refers to a node that contains it", "use a block instead"),
    ("a: 1\n---\nb: 2", "---", "a second document begins here: a file must contain one spec", "delete the '---'"),
    ("[1]: 2", "[1]", "a key must be a single word, not a list or a mapping", None),
    (": 2", ":", "a key is missing before the colon", "write 'key: value'"),
    ("", None, "the file is empty: a spec has at least 'input' and 'layers'", None),
    ("# nothing", None, "the file is empty: a spec has at least 'input' and 'layers'", None),
    ("a: {b: x[1]}", "x[", "'[' inside braces starts a value of its own", 'quote it: "x[1]"'),
    ("a: {b: c{i}}", "c{", "'{' inside braces starts a value of its own", 'quote it: "c{i}"'),
    ("name: {i}_x", "_", "the value ended before this, at its }", 'quote it: "{i}_x"'),
    ("a: 'x' + 1", "+", "the value ended before this, at its '", "quote it: \"'x' + 1\""),
    ("a: 'x", "'", "this quote is never closed", "close it with '"),
    ('a: "\\q"', '"', "a backslash inside double quotes starts an escape", "use single quotes"),
    ("a: {b: 1\nc: 2", "{", "'{' is never closed", "close it with '}'"),
    ("a: [1\n", "[", "'[' is never closed", "close it with ']'"),
    ("a: [1,\n\n", ",", "a bracket or brace is never closed", "close it here"),
    ("a: ['x' 1]", "1", "expected a comma or ']' here", "put a comma before it, or quote the whole value"),
    ("a: {b: 1 c: 2}", "c", "expected a comma or '}' here", "put a comma before 'c'"),
    ("a: {b: 1\n    c: 2}", "c", "expected a comma or '}' here", "put a comma before 'c'"),
    ("a: [[1] [2]]", "[", "expected a comma or ']' here", "put a comma before it"),
    ("a: {b: [3 3}", "}", "'}' cannot close '['", "write ']'"),
    ("[a, , b]", ",", "expected a value, got ','", "delete it, or write the value before it"),
    ("a: }", "}", "expected a value, got '}'", "delete it, or quote the value"),
    (
        "a: b: c",
        ":",
        "a second ': ' on one line",
        'put the fields in braces: {b: c}; if it is text, quote it: "b: c"',
    ),
    ("a: 3 b: c", ":", "a second ': ' on one line", 'quote it: "3 b: c"'),
    ("- a: b: 3, c: 4  # d", ":", "a second ': ' on one line", "put the fields in braces: {b: 3, c: 4}"),
    (f"- a: b: {'c' * 60}", ":", "a second ': ' on one line", "put the fields in braces: {…}"),
    ("input 3x32x32\nb: c", "input 3x32x32", "no colon after 'input'", "write 'input: 3x32x32'"),
    ("- a:\n    b 8  # c\n    d: 3", "b 8", "no colon after 'b'", "write 'b: 8'"),
    ("a: 1\n  b: 2", "b", "this line is indented under a complete value", "indent it like the line above"),
    (
        "a:\n  - b\n c: 3",
        "c",
        "this line does not line up with the block that starts on line 1",
        "indent it like the other lines of that block",
    ),
    (
        "- a\nb: 1",
        "b",
        "this line does not line up with the list that starts on line 1",
        "indent it like the other lines of that list",
    ),
    (
        "a:\n    - b:\n        c: 3\n  - d",
        "-",
        "this item does not line up with the one on line 2",
        "indent it like that",
    ),
    (
        "a:\n  - b\nc:\n  d: 1\n  - e",
        "-",
        "this line does not line up with the block that starts on line 4",
        "indent it like the other lines of that block",
    ),
    (
        "- a: {b: 1}\n  - c",
        "-",
        "a list item under 'a', which already has a value",
        "indent it like '- a', or give the list a key of its own, such as 'sequence'",
    ),
    (
        "- a: 1\n  b\n- c",
        "b",
        "a line without a colon among keys",
        "write '- b' if it is an item of its own, 'b:' if it is a key",
    ),
    ("a: 1\nb c\nd: 2", "b c", "a line without a colon among keys", "write 'b: c'"),
    ("a: 1\nb\nd: 2", "b", "a line without a colon among keys", "write 'b:'"),
    ("a: 1\nb+c\nd: 2", "b+c", "a line without a colon among keys", "write 'key: value'"),
    ("a: - b", "-", "a list item cannot begin here", "start it on its own line, or write [a, b]"),
    ("a: ? b", "?", "'?' starts a YAML key", 'quote it: "? b"'),
    ("%FOO\n---\na: 1", "%FOO", "'%' starts a YAML directive", "delete the line, or quote it"),
    (
        "a: 1\n...\nb",
        "b",
        "unexpected content after the end of the spec",
        "keep one document with consistent indentation",
    ),
    (
        "a: \x07",
        "\x07",
        "the character U+0007 is not allowed in a spec",
        "delete it, or end the line with a line feed",
    ),
    (
        "a: 1\rb",
        "\r",
        "the character U+000D is not allowed in a spec",
        "delete it, or end the line with a line feed",
    ),
]


@pytest.mark.parametrize(("text", "characters", "message", "hint"), MISREAD, ids=[row[0][:24] for row in MISREAD])
def test_misread(text, characters, message, hint):
    (fault,) = faults(text)
    assert (fault.message, fault.hint) == (message, hint)
    if characters is not None and characters != "\r":
        assert under(fault) == characters


def test_all_faults_are_told():
    found = faults("a: {b:1, c: f(1, 2), d: (3, 4)}\nx: *y\nx: 99999999999999999999\nz: 'q\n")
    assert [fault.span.line for fault in found] == [1, 1, 1, 2, 3, 3, 4]
    assert found[-1].message == "this quote is never closed"


@pytest.mark.parametrize(
    "text",
    [
        "ratio: 16:9",
        "- 16:9",
        "- 'conv:3'",
        "source: https://x.org/a",
        "- https://x.org/a",
        "name: a:b",
        "padding: -width",
        "a: f(1, 2)",
        "a: [(1), (2)]",
        "a: x == 1",
        "{a: x == 1}",
        "name: layer{i + 1}",
        "from: unit.*.skip",
        "a: >\n  text\n",
        "%YAML 1.1\n---\na: 1",
        "--- # head\na: 1\n...\n",
        "? a\n: b",
        '{a: "f(1, 2)"}',
        "$unit: {width: 64 * 2**i}",
        "a: 50% of it",
        "a: it's",
    ],
)
def test_not_misread(text):
    parse(Source("a.yaml", text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("010", "010: a leading zero: write 10 (or 8 if octal was meant)"),
        ("007", "007: a leading zero: write 7"),
        ("09", "09: a leading zero: write 9"),
        ("0x10", "0x10: a hexadecimal number: write 16"),
        ("0o10", "0o10: an octal number: write 8"),
        ("1_000", "1_000: an underscore in a number: write 1000"),
        ("1,000", "1,000: a comma in a number: write 1000"),
        ("16:9", "16:9: not a number: write [16, 9] for a pair, 16/9 for a ratio"),
        ("3x3", "3x3: not a number: write [3, 3]"),
        ("5M", "5M: not a number: write 5000000"),
        ("yes", "yes: write true"),
        ("OFF", "OFF: write false"),
        ("True", "True: write true"),
        ("null", "null: not a value here: leave the field out"),
        ("~", "~: not a value here: leave the field out"),
        (".nan", ".nan: write a finite number"),
        ("-.inf", "-.inf: write a finite number"),
        ("width", None),
        ("4*width", None),
        ("'yes'", None),
        ("12", None),
        ("true", None),
        ("", None),
    ],
)
def test_trap(text, sentence):
    node = parse(Source("a.yaml", f"a: {text}"))
    assert trap(node.get("a")) == sentence


# -- both scanners

CORPUS = [row[0] for row in MISREAD] + [
    "a: é\nb: [ü, {ß: 𝔸}]\n",
    "\n\n  a: 1\n\n  b:\n  - c\n  -\n  - d:\n    e: f\n",
    "a: &x {b: 1}\nc: [*x, *x]\nd: &y 3\ne: *y",
    "a: |\n  x\n\n  y\nb: >-\n  z\n",
    "a: 'x\n\n  y'\nb: word\n  word\n",
    "a:\t1\nb: [1,\t2]\t\n",
    "{a: , b}\n",
    "a: {when: !x, b: 2}",
]


@pytest.fixture
def without_libyaml(monkeypatch):
    monkeypatch.setattr(source_module, "_has_libyaml", lambda: False)


@needs_libyaml
@pytest.mark.parametrize("text", CORPUS, ids=[text[:24] for text in CORPUS])
def test_both_scanners_agree(text, monkeypatch):
    fast = outcome(text)
    monkeypatch.setattr(source_module, "_has_libyaml", lambda: False)
    assert outcome(text) == fast


@needs_libyaml
def test_both_scanners_agree_on_random_texts(monkeypatch):
    draw = random.Random(3)
    words = [
        "a: ",
        "- ",
        "b",
        "1",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "'",
        " # c",
        "é",
        "&x ",
        "*x",
        "0.5",
    ]
    texts = ["".join(draw.choices(words, k=draw.randrange(1, 14))) for _ in range(examples(3000))]
    fast = [outcome(text) for text in texts]
    monkeypatch.setattr(source_module, "_has_libyaml", lambda: False)
    slow = [outcome(text) for text in texts]
    trees = 0
    for text, one, other in zip(texts, fast, slow, strict=True):
        assert isinstance(one, str) == isinstance(other, str), text
        if not isinstance(one, str):
            trees += 1
            assert one == other, text
    assert trees > 300


@settings(max_examples=examples(500))
@given(st.one_of(st.text(), st.text(alphabet="ab: -[]{},'\"#&*!|>%@`?x1\n\t\r.=()<")))
def test_any_text_is_nodes_or_faults(text):
    result = outcome(text)
    assert result


# -- limits

SIZE = 4 * 2**20
HEAVY = {
    "items": "- relu\n" * 590_000,
    "brackets": "[" * SIZE,
    "braces": "{" * 2**20,
    "keys of keys": "? " * (SIZE // 2),
    "dashes": "- " * (SIZE // 2),
    "one word": "a" * SIZE,
    "digits": "1" * SIZE,
    "one quote": "'" + "a" * (SIZE - 2) + "'",
    "aliases of itself": "a: &a [*a, " * 300_000,
    "equal keys": "a: 1\n" * (SIZE // 5),
    "indentation": "".join(" " * level + "a:\n" for level in range(2800)),
    "anchors": "&a " * (SIZE // 3),
    "colons": "a:" * (SIZE // 2),
    "tabs": "\t- a\n" * (SIZE // 5),
    "blank": "\n" * SIZE,
    "words": "a b\n" * (SIZE // 4),
    "pairs": "{" + ",".join(f"k{i}: {i}" for i in range(190_000)) + "}",
    "noise": "".join(random.Random(5).choices("abc: -[]{}\n,'\"#&*!|>@`?x1 ", k=SIZE)),
}


@cache
def plain_list(size: int, libyaml: bool = True) -> float:
    """The seconds that plain items take; `libyaml` keeps the two readers apart."""
    return seconds(lambda: outcome(HEAVY["items"][:size]))


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_large_texts_take_about_as_long_as_plain_ones(text):
    assert seconds(lambda: outcome(text), times=1) < 5 * plain_list(SIZE)  # 1.2 at most where it was measured


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_large_texts_without_libyaml(text, without_libyaml):
    assert "256 KiB" in outcome(text)
    size = source_module.LARGEST_WITHOUT_LIBYAML
    assert seconds(lambda: outcome(text[:size]), times=1) < 5 * plain_list(size, libyaml=False)


def test_depth_is_bounded():
    assert faults("[" * 65 + "]" * 65)[0].message == "nested more than 64 deep"
    parse(Source("a.yaml", "[" * 64 + "]" * 64))
    chain = "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 80))
    assert "nested more than 64 deep" in faults("- &a0 [1]\n" + chain)[0].message


def test_an_alias_bomb_stops_at_once():
    names = "abcdefghijklmnop"
    lines = [f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in itertools.pairwise(names)]
    found = []
    steps(lambda: found.extend(faults("a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(lines))), most=20_000)
    assert [fault.message for fault in found] == ["the aliases repeat more than 100,000 nodes"]


def test_many_faults_end_the_reading():
    assert len(faults("a: 1\n" * 1000)) == 50


# -- files


def test_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: \xc3\xa9\r\n")
    source = read(str(path))
    assert (source.name, source.text) == (str(path), "name: é\r\n")


def test_read_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"name: x")))
    assert (read("-").name, read("-").text) == ("-", "")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="standard input is not available"):
        read("-")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff", r"not UTF-8 text \(byte 4 is 0xff\)"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8 text"),
        (b"a\0b", "a binary file, not text"),
        (b"a" * (4 * 2**20 + 1), "larger than 4 MiB"),
    ],
    ids=["not utf-8", "image", "nul", "large"],
)
def test_unreadable_content(tmp_path, content, message):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as raised:
        read(str(path))
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_very_large_file_is_not_read(tmp_path):
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(10**9)

    def refused():
        with pytest.raises(UsageError, match="larger than 4 MiB"):
            read(str(path))

    assert peak_memory(refused) < 8 * 2**20


def test_unreadable_files(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="no such file"):
        read(str(tmp_path / "missing.yaml"))
    with pytest.raises(UsageError, match="a folder, not a file"):
        read(str(tmp_path))
    with pytest.raises(UsageError, match="not the name of a file"):
        read("a\0b")
    with pytest.raises(UsageError, match="cannot be read: file name too long"):
        read("a" * 5000)
    path = tmp_path / "a.yaml"
    path.touch()
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(PermissionError()))
    with pytest.raises(UsageError, match="no permission"):
        read(str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_streams_are_refused_and_do_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    answers = []

    def ask():
        for path in (tmp_path / "pipe", "/dev/zero"):
            with pytest.raises(UsageError, match="not a regular file"):
                read(str(path))
            answers.append(path)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(60)  # it does not wait at all: this is for where it would wait for ever
    assert len(answers) == 2
