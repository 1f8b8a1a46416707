"""Cleans text that came from outside, such as names, keys and file names: the one place for text that a person reads.

Characters that are not seen, or that change how other text is seen, become escapes: control characters, bidirectional
marks, zero-width characters, line separators, and bytes of a file name that are not UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Container

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # general categories of Unicode
_COLOUR = "\x1b\\[[0-9;]*m"
# A runner of GitHub or Azure takes a line for a command that begins with :: after blanks, or has ##[ or ##vso[ in it.
_AT_START = rf"(?m)^((?:[^\S\n]|{_COLOUR})*):(?=:)"
COMMAND_WITHIN = r"#(?=#[a-z]*\[)"  # its first sign
_NOT_IN_WORDS = r"[\x00-/:-@\[-`{-\x7f]+"  # ASCII other than letters and digits
_MOST_WORDS = 10_000

_replaceable: Container[int] = ()
_outside: dict[str, str] = {}


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


def remember_words_with(signs: Container[int]) -> None:
    """From now on, remember words of outside texts with any of these signs (code points), for `escape_words`.

    For an output without Unicode, where the package's own × may become x, but nobody else's.
    """
    global _replaceable
    _replaceable = signs
    _outside.clear()


def remember_words(text: str) -> None:
    """Remember the words of a text that came from outside, if `remember_words_with` asked for any of their signs."""
    if _replaceable and not text.isascii() and len(_outside) < _MOST_WORDS:
        for word in re.split(_NOT_IN_WORDS, text):
            if any(ord(character) in _replaceable for character in word):
                _outside[word] = "".join(map(_escaped, word))


def escape_words(text: str) -> str:
    """A text in which the remembered words have escapes such as `\\xd7` for the signs that would be replaced."""
    if not _outside:
        return text
    parts = re.split(f"({_NOT_IN_WORDS})", text)
    return "".join(_outside.get(part, part) for part in parts)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode() if ord(character) in _replaceable else character


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # a byte of a name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    from unicodedata import category  # a table of a megabyte, which few texts need

    return character.encode("unicode_escape").decode() if category(character) in _UNSEEN else character
