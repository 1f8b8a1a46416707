"""The sections of a spec: their order, and the blank lines between them."""

from __future__ import annotations

from cnncalc.document.spec import ABOUT, SECTIONS
from cnncalc.writer.tree import Collection, Slot

_GROUP = {
    **dict.fromkeys(("name", *ABOUT), 0),
    **dict.fromkeys(("input", "params", "variants"), 1),
    **{name: number for number, name in enumerate(SECTIONS, 2) if name not in ("name", *ABOUT, "input", "params")},
    "variants": 1,
}
_HEADING = 1  # the last group that stands close to what follows, where it is one line


def in_order(root: Collection) -> list[Slot]:
    """The sections in the order of SECTIONS; as they stand where an anchor ties them to it."""
    if _anchored(root):
        return root.slots
    return sorted(root.slots, key=lambda slot: SECTIONS.index(slot.key) if slot.key in SECTIONS else len(SECTIONS))


def group(section: str) -> int | None:
    """Which group of sections, without blank lines among them, this one belongs to."""
    return _GROUP.get(section)


def blank_between(before: str, after: str, lines: int) -> bool:
    """Whether a blank line parts two sections; `lines` are those of the group that ends with the first."""
    ends = group(before)
    return ends != group(after) and not (ends is not None and ends <= _HEADING and lines == 1)


def _anchored(node: Collection) -> bool:
    found = []
    for slot in node.slots:
        value = slot.value
        found.append(bool(value.anchor) or (isinstance(value, Collection) and _anchored(value)))
    return any(found)
