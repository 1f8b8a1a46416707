"""Cleans text that came from outside, such as names, keys and file names: the one place for text that a person reads.

Characters that are not seen, or that change how other text is seen, become escapes: control characters, bidirectional
marks, zero-width characters, line separators, and bytes of a file name that are not UTF-8.
"""

from __future__ import annotations

import re

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # general categories of Unicode
_COLOUR = "\x1b\\[[0-9;]*m"
# A runner of GitHub or Azure takes a line for a command that begins with :: after blanks, or has ##[ or ##vso[ in it.
_AT_START = rf"(?m)^((?:[^\S\n]|{_COLOUR})*):(?=:)"
COMMAND_WITHIN = r"#(?=#[a-z]*\[)"  # its first sign


def visible(text: str) -> str:
    """A text on one line: line breaks, tabs, and whatever is not seen, as escapes such as `\\n` and `\\u202e`."""
    return text if text.isprintable() else "".join(map(_shown, text))


def visible_lines(text: str, coloured: bool = False) -> str:
    """Lines of text, in which no line is a command to a runner; line breaks and tabs stay.

    With `coloured`, so do escape sequences for colours.
    """
    if not text.replace("\r\n", "").replace("\n", "").replace("\t", "").isprintable():
        kept = f"\r?\n|\t|{_COLOUR}" if coloured else "\r?\n|\t"
        text = "".join(part if index % 2 else visible(part) for index, part in enumerate(re.split(f"({kept})", text)))
    return without_commands(text)


def without_commands(text: str) -> str:
    """Lines of text, in which the first sign of a command to a runner is an escape: `\\x3a:stop-commands::x`."""
    if "::" in text:
        text = re.sub(_AT_START, r"\1\\x3a", text)
    return re.sub(COMMAND_WITHIN, r"\\x23", text) if "##" in text else text


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # a byte of a name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    from unicodedata import category  # a table of a megabyte, which few texts need

    return character.encode("unicode_escape").decode() if category(character) in _UNSEEN else character
