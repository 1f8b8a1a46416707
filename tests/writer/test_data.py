"""Specs from plain data: what is read back is what was given, in the canonical style at once."""

import random
from fractions import Fraction

import pytest

import cnncalc
from cnncalc.errors import Source
from cnncalc.source.nodes import Mapping, Scalar, Sequence
from cnncalc.source.reading import parse
from cnncalc.writer import format_text, write
from cnncalc.writer.words import as_word, number, plain, quote

from ..examples import examples

WORDS = ["relu", "a b", "4*width", "a: b", "a #b", "# c", "- d", "-1", "[x", "x]", "{i}", "layer{i}", "it's", 'a "b"',
         "", " a", "a ", "é", "a\nb", "\x07", "\u2028", "yes", "~", "null", "a,b", "@x", "`", "%a", "!x", "&a", "*a",
         "?", "? a", ":", "a:", "|", ">-", "=", "<<", "---", "..."]  # fmt: skip


def read(text: str):
    return parse(Source("data", text))


@pytest.mark.parametrize("word", WORDS)
def test_words_are_read_as_they_were_given(word):
    for text in (f"a: {as_word(word)}\n", f"a: {quote(word)}\n", write({"a": [word, word], "b": {"c": word}})):
        found = read(text).get("a")
        found = found.items[0] if isinstance(found, Sequence) else found
        assert isinstance(found, Scalar)
        assert found.text == word
    assert plain(word) == (as_word(word) == word)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (-3, "-3"), (Fraction(1, 2), "0.5"), (Fraction(-5, 4), "-1.25"), (Fraction(1, 100_000), "1e-5"),
     (Fraction(1, 1000), "0.001"), (Fraction(15, 10**7), "1.5e-6"), (Fraction(1, 3), "1/3"), (Fraction(4), "4"),
     (Fraction("1e-12"), "1e-12")],
)  # fmt: skip
def test_numbers_are_exact(value, text):
    assert number(value) == text
    found = read(f"a: {text}\n").get("a")
    assert isinstance(found, Scalar)
    assert found.value == (value if text != "1/3" else "1/3")


def random_data(rng: random.Random, depth: int):
    kind = rng.random()
    if depth and kind < 0.3:
        return {rng.choice("abcde") + str(n): random_data(rng, depth - 1) for n in range(rng.randint(1, 4))}
    if depth and kind < 0.6:
        return [random_data(rng, depth - 1) for _ in range(rng.randint(0, 9))]
    return rng.choice((rng.choice(WORDS), rng.randint(-9, 10**6), Fraction(rng.randint(1, 99), 8), True, "w" * 30))


def value_of(node):
    if isinstance(node, Mapping):
        return {key: value_of(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [value_of(entry) for entry in node.items]
    return node.value


@pytest.mark.parametrize("seed", range(examples(60)))
def test_random_data_come_back(seed):
    rng = random.Random(seed)
    data = {"params": random_data(rng, 4), "layers": random_data(rng, 4), "expect": random_data(rng, 3)}
    found = value_of(read(write(data)))
    assert found == {key: read_again(value) for key, value in data.items()}


def read_again(value):
    """Data as they are read: a text that spells a number is one, which the writer leaves to its caller."""
    if isinstance(value, dict):
        return {key: read_again(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [read_again(entry) for entry in value]
    return -1 if value == "-1" else value


def test_a_spec_from_data_is_canonical():
    text = write(
        {
            "name": "net",
            "description": "many words " * 20 + "end",
            "input": "3x8x8",
            "params": {"table": [[1, 2], [3, 4]], "depths": [3, 4]},
            "blocks": {"unit(c)": [{"conv": {"out_channels": "c", "kernel_size": [3, 1], "padding": [[0, 1], 0]}}]},
            "layers": [{"unit": 8, "repeat": 2}, "relu", {"sequence": ["relu", {"dropout": Fraction(1, 2)}]}],
            "expect": {"params": 1},
        }
    )
    assert format_text(Source("net", text)) == text
    assert text.endswith(
        "params:\n  table:\n    - [1, 2]\n    - [3, 4]\n  depths: [3, 4]\n\n"
        "blocks:\n  unit(c):\n    - conv: {out_channels: c, kernel_size: [3, 1], padding: [[0, 1], 0]}\n\n"
        "layers:\n  - unit: 8\n    repeat: 2\n  - relu\n  - sequence:\n      - relu\n      - dropout: 0.5\n\n"
        "expect:\n  params: 1\n"
    )
    assert cnncalc.parse(text).name == "net"


def test_marks_that_change_the_direction_are_escaped_in_quotes():
    assert quote("a\u202eb\u2066\u200f") == r'"a\u202eb\u2066\u200f"'
    assert quote("größe 猫") == '"größe 猫"'
