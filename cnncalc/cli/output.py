"""Writes to standard output and standard error, respecting their encoding, width and colour."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Literal, TextIO, get_args

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
_choice: Colour = "auto"


def write(text: str) -> None:
    """Write text to standard output."""
    if sys.stdout is None:
        raise OSError(0, "standard output is closed")
    sys.stdout.write(make_encodable(text, sys.stdout))


def complain(text: str) -> None:
    """Write a message to standard error; if that is closed, the message is dropped."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(make_encodable(text, sys.stderr) + "\n")
        sys.stderr.flush()
    except OSError:
        silence()


def make_encodable(text: str, stream: TextIO) -> str:
    """Replace the characters that the encoding of a stream does not have."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text.translate(PLAIN).encode("ascii", "replace").decode()
    return text


def silence() -> None:
    """Discard all further output to standard output, including the interpreter's flush at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(null, sys.stdout.fileno())
    os.close(null)


def terminal_width(stream: TextIO | None = None) -> int | None:
    """The width in columns of the terminal of a stream (by default standard output).

    None for a pipe or a file, where lines are not limited.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
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
