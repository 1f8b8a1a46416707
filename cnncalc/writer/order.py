"""Orders what is written: sections as in SECTIONS; in an item the layer first, then its modifiers."""

from __future__ import annotations

from cnncalc.document.spec import ABOUT, SECTIONS
from cnncalc.document.words import MODIFIERS
from cnncalc.writer.contexts import Place, inside
from cnncalc.writer.tree import Collection, Slot

_BESIDE = ("from", "repeat", "name", "when", "share", "frozen", "written")
assert set(_BESIDE) == set(MODIFIERS)
_PATH = ("when", "layers")

_GROUPS = (("name", *ABOUT), ("input", "params", "variants", "defaults"))  # every other section forms its own group
_GROUP = {section: number for number, group in enumerate(_GROUPS) for section in group}


def arrange(root: Collection) -> None:
    """Sort sections and the keys of items in place; nothing moves if the text uses anchors."""
    if not _has_anchors(root):
        _arrange(root, Place.ROOT)


def _arrange(node: Collection, place: Place) -> None:
    if place is Place.ROOT:
        head = _take_heading(node.slots[0].above)
        node.slots.sort(key=lambda slot: SECTIONS.index(slot.key) if slot.key in SECTIONS else len(SECTIONS))
        node.slots[0].above[:0] = head
    elif place is Place.ITEM and node.mapping:
        _arrange_keys(node, _BESIDE)
    elif place is Place.ITEMS and node.mapping:
        _arrange_keys(node, _PATH)
    for slot in node.slots:
        if isinstance(slot.value, Collection):
            _arrange(slot.value, inside(place, slot.key, node.mapping))


def _arrange_keys(node: Collection, order: tuple[str, ...]) -> None:
    """Sort keys in this order, after all others; the comments above the first stay at the top."""
    above, node.slots[0].above = node.slots[0].above, []
    node.slots.sort(key=lambda slot: order.index(slot.key) if slot.key in order else -1)
    node.slots[0].above[:0] = above


def _take_heading(above: list[str]) -> list[str]:
    """Remove and return the comments about the file as a whole: those above the last blank line."""
    count = len(above) - above[::-1].index("") if "" in above else 0
    heading, above[:] = above[:count], above[count:]
    return heading


def group(section: str) -> object:
    """The group of a section; sections of a group are not separated by blank lines."""
    return _GROUP.get(section, section)


def blank_between(before: str, after: str, lines: int) -> bool:
    """Whether a blank line separates two sections; `lines` is the length of the group that ends with the first.

    A one-line heading, such as a lone `input`, is not separated from what follows.
    """
    return group(before) != group(after) and not (before in _GROUP and lines == 1)


def _has_anchors(node: Collection) -> bool:
    return any(_slot_has_anchors(slot) for slot in node.slots)


def _slot_has_anchors(slot: Slot) -> bool:
    value = slot.value
    return slot.key.startswith("&") or bool(value.anchor) or (isinstance(value, Collection) and _has_anchors(value))
