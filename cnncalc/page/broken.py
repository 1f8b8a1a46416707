"""The network of a broken spec, up to where it broke: its top-level layers before the first that is at fault."""

from __future__ import annotations

import re

from cnncalc.budget import BudgetError
from cnncalc.errors import CnncalcError, Source
from cnncalc.spec import Spec, parse_source
from cnncalc.symbolic import Undecidable

_LAYERS = re.compile(r"^layers:[ \t]*(?:#.*)?$", re.MULTILINE)
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_NEXT_KEY = re.compile(r"^[^\s#-]", re.MULTILINE)


def up_to_fault(source: Source) -> Spec | None:
    """The spec with as many of its first layers as are accepted; None if not even the first is.

    What follows the layers (outputs, expectations) is left out with the layers that it is about.
    """
    text = source.text
    start = _LAYERS.search(text)
    if start is None:
        return None
    end = _NEXT_KEY.search(text, start.end() + 1)
    section = text[start.end() : end.start() if end else len(text)]
    first = _ITEM.search(section)
    if first is None:
        return None
    indent = first[1]
    items = [found.start() for found in _ITEM.finditer(section) if found[1] == indent]
    accepted = None
    low, high = 0, len(items) - 1  # the number of items; with all of them it is broken
    while low < high:
        count = (low + high + 1) // 2
        shorter = text[: start.end()] + section[: items[count]]
        spec = _accepted(Source(source.name, shorter))
        if spec is None:
            high = count - 1
        else:
            low, accepted = count, spec
    return accepted


def _accepted(source: Source) -> Spec | None:
    try:
        spec = parse_source(source, lambda fault: None)
        spec.graph()
    except (CnncalcError, Undecidable, BudgetError):
        return None
    return spec
