"""The sizes of inputs that a user gives in place of a file's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from cnncalc.errors import UsageError
from cnncalc.symbolic import Size, symbol

Given: TypeAlias = "Sequence[Size | str] | Mapping[str, Sequence[Size | str]]"
SYMBOL = re.compile(r"[A-Z][0-9]{0,3}")


def given_shapes(given: Given | None, names: Iterable[str], what: str) -> dict[str, tuple[Size, ...]]:
    """Input → the sizes given for it, without the batch; capital letters are symbols.

    Raises:
        UsageError: a size is neither, an input is not there, or one of several is meant and not named.
    """
    if not given:
        return {}
    known = list(names)
    if not isinstance(given, Mapping):
        if len(known) != 1:
            raise UsageError(f"{what} has several inputs ({', '.join(known)}): say which, as in {known[0]}=3x224x224")
        given = {known[0]: given}
    strange = next((name for name in given if name not in known), None)
    if strange is not None:
        raise UsageError(f"{what} has no input '{strange}': it has {', '.join(known)}")
    return {name: tuple(_size(size, what) for size in sizes) for name, sizes in given.items()}


def _size(size: Size | str, what: str) -> Size:
    if not isinstance(size, str):
        return size
    if size.isdecimal() and int(size[:20]) > 0:
        return int(size)
    if SYMBOL.fullmatch(size):
        return symbol(size)
    raise UsageError(f"{what}: a size is a whole number of at least 1, or a capital letter; got {size[:40]}")
