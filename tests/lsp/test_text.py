"""Positions: lines and columns as spans count them, and as an editor does."""

import random

import pytest
from lsprotocol.types import Position

from cnncalc.errors import Source, Span
from cnncalc.lsp.text import Text

ALPHABET = "ab é𝔸😀\n\r\t:"


def units(text: str, encoding: str) -> int:
    return (
        len(text.encode(f"{encoding}-le" if encoding != "utf-8" else encoding))
        // {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_offsets_and_positions_are_inverse(encoding):
    rng = random.Random(7)
    for _ in range(300):
        text = "".join(rng.choices(ALPHABET, k=rng.randint(0, 40)))
        known = Text(text, encoding)
        for offset in range(len(text) + 1):
            position = known.position(offset)
            before = text[:offset]
            if before.endswith("\r") and text[offset : offset + 1] == "\n":
                continue  # between the two characters of a break there is no position
            line = before.replace("\r\n", "\n").replace("\r", "\n")
            assert position == Position(line.count("\n"), units(line.rpartition("\n")[2], encoding))
            assert known.offset(position) == offset


def test_positions_beyond_the_text_are_its_end():
    known = Text("ab\ncd")
    assert known.offset(Position(0, 99)) == 2
    assert known.offset(Position(9, 0)) == 5


def test_a_span_is_a_range_of_code_units():
    text = "name: '😀'\nx: 😀 y\r\nz: 1\n"
    source = Source("t", text)
    known = Text(text)
    assert known.range_of(Span(source, 2, 6, 1)).start == Position(1, 6)
    assert known.range_of(Span(source, 3, 1, 1)).start == Position(2, 0)
    assert known.range_of(Span(source, 2, 4, 99)).end == Position(1, 7)
