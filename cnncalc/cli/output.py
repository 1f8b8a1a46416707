"""Where text goes: the standard output in what it can encode, as wide and as coloured as it is; the rest to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Literal, TextIO, get_args

# For a terminal or a pipe without Unicode. One sign for one where a table's columns depend on it.
PLAIN = str.maketrans(
    {
        "×": "x", "−": "-", "·": "*", "▲": "!", "…": "~", "─": "-", "│": "|", "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=",
        "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "→": "->", "’": "'", "“": '"', "”": '"', "\N{EM SPACE}": "  ",
        "╭": "+", "╮": "+", "╰": "+", "╯": "+", "✓": "+", "µ": "u", "≡": "=", "÷": "/",
    }
)  # fmt: skip

Colour = Literal["auto", "always", "never"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
_choice: Colour = "auto"


def write(text: str) -> None:
    """Text to the standard output."""
    if sys.stdout is None:
        raise OSError(0, "standard output is closed")
    sys.stdout.write(make_encodable(text, sys.stdout))


def complain(text: str) -> None:
    """A message to the standard error; where that is closed, nobody is there to read it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(make_encodable(text, sys.stderr) + "\n")
        sys.stderr.flush()
    except OSError:
        silence()


def make_encodable(text: str, stream: TextIO) -> str:
    """The text in the signs that a stream has."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text.translate(PLAIN).encode("ascii", "replace").decode()
    return text


def silence() -> None:
    """Let nothing more be written to the standard output, not even when the interpreter flushes at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(null, sys.stdout.fileno())
    os.close(null)


def terminal_width() -> int | None:
    """The columns of the terminal; None for a pipe or a file, where lines may be as long as they are."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    if not is_terminal():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


def choose_colour(choice: Colour) -> None:
    """Keep what `--color` says, for `coloured`."""
    global _choice
    _choice = choice


def is_coloured(stream: TextIO | None = None) -> bool:
    """Whether a stream, the standard output where none is named, is coloured; every command asks here.

    `--color always` or `never` decides. Otherwise NO_COLOR (no-color.org) says no, then FORCE_COLOR (force-color.org)
    or CLICOLOR_FORCE (bixense.com/clicolors) says yes; a variable that is empty says nothing, nor does
    CLICOLOR_FORCE=0. Where nothing decides, a terminal is coloured that is not a dumb one.
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
    """Whether a stream, the standard output where none is named, is a terminal; False where it is closed."""
    stream = stream or sys.stdout
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
