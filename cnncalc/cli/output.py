"""Writes to standard output and standard error, respecting their encoding, width and colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, TextIO, get_args

from cnncalc.quantities.numerals import natural
from cnncalc.visible import escape_words, remember_words, remember_words_with, visible_lines

# Replacements for a terminal or pipe without Unicode; one character each where table columns depend on it.
PLAIN = str.maketrans(
    {
        "×": "x", "−": "-", "·": "*", "▲": "!", "…": "~", "─": "-", "│": "|", "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=",
        "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "→": "->", "’": "'", "“": '"', "”": '"', "\N{EM SPACE}": "  ",
        "╭": "+", "╮": "+", "╰": "+", "╯": "+", "✓": "+", "µ": "u", "≡": "=", "÷": "/",
    }
)  # fmt: skip

Colour = Literal["auto", "always", "never"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
_WIDEST = 10**6  # a terminal of more columns does not exist
_choice: Colour = "auto"


def write(text: str) -> None:
    """Write text for a reader to standard output, cleaned; signs that the encoding lacks are replaced."""
    if sys.stdout is None:
        raise OSError(0, "standard output is closed")
    sys.stdout.write(make_encodable(visible_lines(text, is_coloured()), sys.stdout))


def write_data(text: str) -> None:
    """Write text for a file or a program to standard output, as it is, in UTF-8 whatever the encoding is."""
    if sys.stdout is None:
        raise OSError(0, "standard output is closed")
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:  # a stream of text that replaces it
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    stream.write(text.encode("utf-8", "backslashreplace"))


def complain(text: str) -> None:
    """Write a message to standard error, cleaned; if that is closed, the message is dropped."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(make_encodable(visible_lines(text, is_coloured(sys.stderr)), sys.stderr) + "\n")
        sys.stderr.flush()
    except OSError:
        silence()


def make_encodable(text: str, stream: TextIO) -> str:
    """Replace the signs of ours that the encoding of a stream does not have; all others become escapes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return escape_words(text).translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return escape_words(text).translate(PLAIN).encode("ascii", "backslashreplace").decode()
    return text


def keep_outside_words(arguments: Iterable[str]) -> None:
    """Have the signs of outside texts escaped, not replaced, if standard output or error lacks Unicode.

    The arguments of the command are such texts.
    """
    encodings = (getattr(stream, "encoding", None) or "utf-8" for stream in (sys.stdout, sys.stderr))
    remember_words_with(() if all(encoding.lower().startswith("utf") for encoding in encodings) else PLAIN)
    for word in arguments:
        remember_words(word)


def silence() -> None:
    """Discard all further output to standard output, including the interpreter's flush at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(null, sys.stdout.fileno())
    os.close(null)


def forget_odd_sizes() -> None:
    """Remove a size of the terminal from the environment that is no number: rich takes ² for one, and fails."""
    for name in ("COLUMNS", "LINES"):
        if natural(os.environ.get(name, "0"), _WIDEST) is None:
            del os.environ[name]


def terminal_width(stream: TextIO | None = None) -> int | None:
    """The width in columns of the terminal of a stream (by default standard output).

    None for a pipe or a file, where lines are not limited.
    """
    if columns := natural(os.environ.get("COLUMNS", ""), _WIDEST):
        return columns
    stream = stream or sys.stdout
    if not is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def wrapping_width(stream: TextIO | None = None) -> int | None:
    """The width at which sentences are wrapped: that of a terminal; None for anything else, even if COLUMNS is set."""
    return terminal_width(stream) if is_terminal(stream) else None


def choose_colour(choice: Colour) -> None:
    """Store the value of `--color` for `is_coloured`."""
    global _choice
    _choice = choice


def is_coloured(stream: TextIO | None = None) -> bool:
    """Whether a stream (by default standard output) is coloured; every command asks here.

    `--color always` or `never` decides. Otherwise NO_COLOR (no-color.org) says no, then FORCE_COLOR (force-color.org)
    or CLICOLOR_FORCE (bixense.com/clicolors) says yes; empty variables and CLICOLOR_FORCE=0 are ignored. By default,
    terminals are coloured unless TERM is dumb.
    """
    if _choice != "auto":
        return _choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    if os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream) and (os.name != "nt" or "WT_SESSION" in os.environ or "TERM" in os.environ)


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a stream (by default standard output) is a terminal; False if it is closed."""
    stream = stream or sys.stdout
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
