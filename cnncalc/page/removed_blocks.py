"""In which block of the second network a removed layer is drawn: the counterpart of its own, or one of its own."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.differences.changes import Change

GONE = "− "  # begins the name of a block of which nothing is left, and which another may have now


def blocks_of_removed(changes: Iterable[Change]) -> dict[str, str]:
    """Removed layer → the dotted name of the block in which it is drawn, empty at the top.

    A block is the counterpart of another if a layer of the one became a layer of the other.
    """
    changes = list(changes)
    counterparts: dict[str, str] = {"": ""}
    for change in changes:
        if change.before and change.after:
            old, new = (_blocks(layer.name) for layer in (change.before, change.after))
            for mine, its in zip(old, new, strict=False):
                counterparts.setdefault(mine, its)
    return {
        change.before.name: _placed(change.before.name, counterparts)
        for change in changes
        if change.before and not change.after
    }


def _blocks(name: str) -> list[str]:
    """The blocks around a layer, outermost first."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _placed(name: str, counterparts: dict[str, str]) -> str:
    inner = ""
    placed = ""
    for block in _blocks(name):
        last = block.rpartition(".")[2]
        if block in counterparts:
            placed = counterparts[block]
        elif inner in counterparts:  # the outermost of which nothing is left
            placed = f"{placed}.{GONE}{last}" if placed else f"{GONE}{last}"
        else:
            placed = f"{placed}.{last}"
        inner = block
    return placed
