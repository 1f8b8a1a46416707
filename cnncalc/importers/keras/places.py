"""Finds where a value of a JSON text stands: only messages need to know, so the text is searched when one is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from json import JSONDecoder
from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r'"(?:[^"\\\n]|\\.)*"|[^\s,\]}]+')


def offset_of(text: str, path: Sequence[str | int]) -> int:
    """Return where the value at a path begins; of the last part of the path that exists, if not all of it does.

    Args:
        text: JSON that has been parsed before.
        path: the keys and indices that lead to the value.
    """
    at = _skip(text, 0)
    for step in path:
        found = _entry(text, at, step)
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


def _entry(text: str, at: int, step: str | int) -> int | None:
    """Where an entry of the collection at this place begins; of equal keys, the last counts."""
    named = text[at : at + 1] == "{"
    if named != isinstance(step, str) or text[at : at + 1] not in ("{", "["):
        return None
    parse, index, found = JSONDecoder(strict=False).raw_decode, 0, None
    at = _skip(text, at + 1)
    while text[at : at + 1] not in ("}", "]", ""):
        key: str | int = index
        if named:
            key, at = parse(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if key == step:
            found = at
            if not named:
                return found
        at = _skip(text, parse(text, at)[1])
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
        index += 1
    return found
