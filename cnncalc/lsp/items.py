"""The items of a document by their places, and the names that they define and read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from cnncalc.document import Document, Item
from cnncalc.document.types import Block, BlockCall, Branches, Group, LayerCall, Reference, Residual
from cnncalc.errors import Span
from cnncalc.records import NamedTuple

Mark = tuple[int, int]  # line and column


class Within(NamedTuple):
    """An item and where it is: the block around it, if any, and the item before it in its list."""

    item: Item
    block: Block | None
    before: Item | None


class Items:
    """All items of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def all(self) -> list[Within]:
        """Every item, in the order of the text within each section."""
        found: list[Within] = []
        for block in self.document.blocks.values():
            found += _walk(block.items, block)
        found += _walk(self.document.layers, None)
        for head in self.document.heads.values():
            found += _walk(head.items, None)
        return found

    @cached_property
    def by_mark(self) -> dict[Mark, Within]:
        """Place of an item's key → the item."""
        return {mark(within.item.span): within for within in self.all}

    @cached_property
    def by_line(self) -> dict[int, list[Within]]:
        """Line, from 1 → the items that begin there."""
        lines: dict[int, list[Within]] = {}
        for within in self.all:
            lines.setdefault(within.item.span.line, []).append(within)
        return lines

    def at(self, line: int, column: int) -> Within | None:
        """The item of a line, from 1, that begins at this column or before, or else the first of the line."""
        here = sorted(self.by_line.get(line, ()), key=lambda within: within.item.span.column)
        before = [within for within in here if within.item.span.column <= column]
        return before[-1] if before else here[0] if here else None

    def around(self, line: int) -> Within | None:
        """The last item that begins on this line or above."""
        lines = [number for number in self.by_line if number <= line]
        return self.by_line[max(lines)][0] if lines else None


def _walk(items: tuple[Item, ...], block: Block | None) -> Iterator[Within]:
    before: Item | None = None
    for item in items:
        yield Within(item, block, before)
        for inner in lists_of(item):
            yield from _walk(inner, block)
        before = item


def lists_of(item: Item) -> Iterator[tuple[Item, ...]]:
    """The lists of layers inside an item."""
    body = item.body
    if isinstance(body, Group):
        yield body.items
    elif isinstance(body, Residual):
        yield body.body
        yield body.shortcut
    elif isinstance(body, Branches):
        yield from (path.items for path in body.paths)


def references_of(item: Item) -> Iterator[Reference]:
    """The tensors that an item names."""
    yield from item.source
    if item.share is not None:
        yield item.share
    if isinstance(item.body, LayerCall):
        yield from item.body.joined
        yield from item.body.references.values()
    elif isinstance(item.body, BlockCall):
        for references in item.body.tensors.values():
            yield from references


def mark(span: Span) -> Mark:
    """The key of a place."""
    return span.line, span.column
