"""Measures how many terminal columns a text takes."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)  # a table measures every cell several times, and its cells are much alike
def text_width(text: str) -> int:
    """Return the width of a text, in columns: wide East Asian characters take two, combining marks none."""
    if text.isascii() or max(text) < "\u0300" or all(char < "\u0300" or "\u2000" <= char < "\u2e80" for char in text):
        return len(text)
    return sum(map(_char_width, text))


def _char_width(char: str) -> int:
    from unicodedata import category, east_asian_width  # a table of a megabyte, which few texts need

    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in ("W", "F") else 1


def wrap(text: str, width: int | None, indent: str) -> list[str]:
    """The lines of a text of at most `width` columns, broken between words; all but the first are indented."""
    if width is None or text_width(text) <= width:
        return [text]
    import textwrap  # only a line that is too long needs it

    room = max(width, 20)
    lines = textwrap.wrap(
        text, room, subsequent_indent=indent, expand_tabs=False, break_on_hyphens=False, break_long_words=False
    )
    return lines or [text]
