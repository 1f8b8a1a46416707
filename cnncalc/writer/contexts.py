"""The place of a value in a spec, which decides whether it is written in brackets or line by line."""

from __future__ import annotations

from enum import Enum, auto

from cnncalc.writer.tree import Collection, Word, Written


class Place(Enum):
    """A place in a spec."""

    ROOT = auto()
    DEFAULTS = auto()
    BLOCKS = auto()
    HEADS = auto()
    HEAD = auto()
    ITEMS = auto()  # a list of layers
    ITEM = auto()
    RESIDUAL = auto()
    BRANCHES = auto()
    PATHS = auto()
    CALL = auto()  # the value of a layer, a block or a modifier
    DATA = auto()  # params, variants, expectations …


_INSIDE = {
    Place.ROOT: {
        "layers": Place.ITEMS,
        "defaults": Place.DEFAULTS,
        "blocks": Place.BLOCKS,
        "heads": Place.HEADS,
    },
    Place.HEAD: {"layers": Place.ITEMS},
    Place.ITEM: {"sequence": Place.ITEMS, "residual": Place.RESIDUAL, "branches": Place.BRANCHES},
    Place.RESIDUAL: {"body": Place.ITEMS, "shortcut": Place.ITEMS},
    Place.BRANCHES: {"paths": Place.PATHS},
    Place.ITEMS: {"when": Place.CALL, "layers": Place.ITEMS},  # a path with its condition, in place of a list
}
_OTHERWISE = {
    Place.ROOT: Place.DATA,
    Place.BLOCKS: Place.ITEMS,
    Place.HEADS: Place.HEAD,
    Place.HEAD: Place.DATA,
    Place.ITEMS: Place.ITEM,
    Place.PATHS: Place.ITEMS,
}
_OF_LISTS = {Place.RESIDUAL: Place.ITEM}
_LINE_BY_LINE = {Place.ROOT, Place.BLOCKS, Place.ITEM, Place.BRANCHES}
_LISTS_OF_LAYERS = {Place.ITEMS, Place.PATHS, Place.RESIDUAL}


def inside(place: Place, key: str, mapping: bool) -> Place:
    """The place of an entry, given its key."""
    if not mapping:
        return _OF_LISTS.get(place) or _OTHERWISE.get(place, place)
    return _INSIDE.get(place, {}).get(key) or _OTHERWISE.get(place, Place.CALL if place is not Place.DATA else place)


def in_brackets(node: Collection, place: Place) -> bool:
    """Whether a collection is written in brackets if it fits: arguments are; data and lists of layers keep their
    form.
    """
    if not node.slots:
        return True
    if place in _LINE_BY_LINE:
        return False
    if place in _LISTS_OF_LAYERS:
        lists = not node.mapping or place is Place.ITEMS
        return node.flow and lists and all(_simple(slot.value) for slot in node.slots)
    return place is Place.CALL or node.flow or (not node.mapping and all(_short(slot.value) for slot in node.slots))


def _simple(value: Written) -> bool:
    """Whether a value is a layer without modifiers, or a path of such layers."""
    if isinstance(value, Collection):
        return len(value.slots) == 1 if value.mapping else all(_simple(slot.value) for slot in value.slots)
    return True


def _short(value: Written) -> bool:
    return isinstance(value, Word) and value.lines is None
