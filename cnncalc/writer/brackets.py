"""Collections written in brackets, `{out_channels: 64, kernel_size: [3, 5]}`, as pieces of text with their owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from cnncalc.writer.contexts import Place, in_brackets
from cnncalc.writer.tree import Collection, Slot, Word, Written
from cnncalc.writer.words import in_flow

Piece: TypeAlias = "tuple[str, Slot | Written | None]"
"""A piece of text and its owner: the slot of a key, a word, or a collection for its brackets; None for separators."""


def bracket_pieces(node: Collection, within: Place) -> list[Piece] | None:
    """The pieces of a collection in brackets; None if its place or its content does not allow brackets."""
    return list(_pieces(node)) if in_brackets(node, within) and node.inline else None


def text_of(pieces: Iterable[Piece]) -> str:
    """The concatenated text of the pieces."""
    return "".join(text for text, _ in pieces)


def only_words(node: Collection) -> bool:
    """Whether a collection contains only words without anchors."""
    return all(isinstance(slot.value, Word) and not slot.value.anchor for slot in node.slots)


def note_spots(pieces: Iterable[Piece], line: int, column: int) -> None:
    """Record the spot of every piece's owner in a line of text that starts at this line and column."""
    begun: dict[int, int] = {}
    for text, owner in pieces:
        after = column + len(text)
        if owner is not None:
            start = begun.setdefault(id(owner), column)
            owner.spot = (line, start, max(1, after - start))
            if isinstance(owner, Collection):
                owner.flow = True
        column = after


def _pieces(node: Written) -> Iterator[Piece]:
    if isinstance(node, Word):
        yield node.anchor, None
        yield in_flow(node.text), node
        return
    opened, closed = ("{", "}") if node.mapping else ("[", "]")
    yield node.anchor, None
    yield opened, node
    for number, slot in enumerate(node.slots):
        if number:
            yield ", ", None
        bare = not node.mapping and isinstance(slot.value, Collection) and _is_pair(slot.value)
        if node.mapping:
            yield in_flow(slot.key), slot
            yield ": ", None
        yield from _strip_braces(slot.value) if bare else _pieces(slot.value)
    yield closed, node


def _strip_braces(pair: Written) -> Iterator[Piece]:
    """The pieces of a one-entry mapping inside a list, without its braces."""
    for text, owner in _pieces(pair):
        yield ("" if owner is pair else text), owner


def _is_pair(node: Collection) -> bool:
    """Whether a collection may stand in a list without braces: `[relu, dropout: 0.5]`."""
    if not node.mapping or len(node.slots) != 1 or node.anchor:
        return False
    value = node.slots[0].value
    return not isinstance(value, Word) or not value.empty
