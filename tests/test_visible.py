"""Text from outside on one line, and lines that no runner takes for commands."""

import re

import pytest

from cnncalc.visible import (
    escape_words,
    remember_words,
    remember_words_with,
    visible,
    visible_lines,
    without_commands,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv1 größe 猫 3×3 🙂", "conv1 größe 猫 3×3 🙂"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x1b[0m\x07\x00\x7f\x9b", r"\x1b[31mred\x1b[0m\x07\x00\x7f\x9b"),
        ("\u202eabc\u2066\u200f", r"\u202eabc\u2066\u200f"),
        ("\u200b\u200d\ufeff\u2028\u2029\x85", r"\u200b\u200d\ufeff\u2028\u2029\x85"),
        ("\udcff\udc80 \ud800", r"\xff\x80 \ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("no-break\xa0space", "no-break\xa0space"),
    ],
)
def test_what_is_not_seen_becomes_an_escape(text, expected):
    assert visible(text) == expected
    assert visible(expected) == expected


def test_lines_keep_their_ends_and_our_colours():
    text = "a\tb\r\n\x1b[1;31mc\x1b[0m\x1b]0;title\x07\rd\n"
    assert visible_lines(text) == "a\tb\r\n\\x1b[1;31mc\\x1b[0m\\x1b]0;title\\x07\\rd\n"
    assert visible_lines(text, coloured=True) == "a\tb\r\n\x1b[1;31mc\x1b[0m\\x1b]0;title\\x07\\rd\n"


def is_command(line: str) -> bool:
    """As actions/runner (ActionCommand.TryParseV2, TryParse) and Azure's agent (Command.TryParse) read a line."""
    return line.lstrip().startswith("::") or "##[" in line or "##vso[" in line


COMMANDS = ["::stop-commands::x", "  ::set-output name=a::b", "\t::x", "##[add-mask]x", "a ##vso[task.x]y", "::::a"]


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("before", ["", "a: b\n", "\n\n"])
def test_no_line_is_a_command(line, before):
    assert is_command(line)
    text = without_commands(f"{before}{line}\nend")
    assert not any(map(is_command, text.split("\n")))
    assert visible_lines(f"{before}{line}\nend") == text
    assert re.sub(r"\\x3a|\\x23", lambda code: chr(int(code[0][2:], 16)), text) == f"{before}{line}\nend"


def test_a_command_behind_a_colour():
    assert visible_lines("\x1b[1m::stop-commands::x\x1b[0m", coloured=True) == "\x1b[1m\\x3a:stop-commands::x\x1b[0m"


def test_ordinary_text_with_such_signs_stays():
    for text in ("a::b", "net.yaml:3:7: x", "## heading [1]", "# comment"):
        assert visible_lines(text) == text


def test_words_with_signs_are_remembered_on_request_only():
    remember_words_with(())
    remember_words("a×b")
    assert escape_words("a×b") == "a×b"
    remember_words_with({ord("×"), ord("→")})
    try:
        remember_words("conv (a×b), ö×ö: → ab ö")
        assert escape_words("a×b [ö×ö] 3×3 xa×b →, ö") == r"a\xd7b [ö\xd7ö] 3×3 xa×b \u2192, ö"
    finally:
        remember_words_with(())
