"""Finds where a value of a JSON text stands: only messages need to know, so the text is searched when one is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from json import JSONDecoder
from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r'"(?:[^"\\\n]|\\.)*"|[^\s,\]}]+')


class Places:
    """Where the values of one JSON text stand, which has been parsed before; a collection is searched once."""

    __slots__ = ("_entries", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._entries: dict[int, dict[str | int, int]] = {}  # offset of a collection → of its entries, by key or index

    def offset_of(self, path: Sequence[str | int]) -> int:
        """Return where the value at a path begins; of the last part of the path that exists, if not all of it does."""
        at = _skip(self._text, 0)
        for step in path:
            if at not in self._entries:
                self._entries[at] = dict(_entries(self._text, at))
            found = self._entries[at].get(step)
            if found is None:
                break
            at = found
        return at


def width_at(text: str, offset: int) -> int:
    """Return the number of characters of a plain value; 1 for an object or a list."""
    found = None if text[offset : offset + 1] in ("{", "[") else _SCALAR.match(text, offset)
    return found.end() - offset if found else 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _entries(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield the keys or indices of the collection at this place, and where their values begin: of equal keys the last
    counts. A scalar has none.
    """
    if text[at : at + 1] not in ("{", "["):
        return
    named = text[at] == "{"
    parse, index = JSONDecoder(strict=False).raw_decode, 0
    at = _skip(text, at + 1)
    while text[at : at + 1] not in ("}", "]", ""):
        key: str | int = index
        if named:
            key, at = parse(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, parse(text, at)[1])
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
        index += 1
