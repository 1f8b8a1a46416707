"""Locates layers and their fields in the text, and their neighbours in the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from cnncalc.checks.mentions import Mark, Mentions
from cnncalc.document import Document, Item
from cnncalc.document.types import BlockCall, Branches, Group, LayerCall, Residual
from cnncalc.errors import Span, SpecError
from cnncalc.graph import Node
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Mapping, Scalar, Sequence
from cnncalc.source.nodes import Node as SourceNode
from cnncalc.source.reading import parse


class Place(NamedTuple):
    """An item, the list that contains it, and its index there."""

    item: Item
    siblings: tuple[Item, ...]
    position: int

    def sibling(self, step: int) -> Item | None:
        """The item `step` places further; None beyond the ends."""
        index = self.position + step
        return self.siblings[index] if 0 <= index < len(self.siblings) else None


class Places:
    """The items of one document by position; the text is parsed again only for edits."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def _places(self) -> dict[Mark, list[Place]]:
        places: dict[Mark, list[Place]] = {}
        for place in _places_of(self.document):
            places.setdefault(_mark(place.item.span), []).append(place)
        return places

    def of(self, node: Node) -> Place | None:
        """The item from which a layer was expanded; None if an alias makes it ambiguous."""
        places = self._places.get(_mark(node.span), []) if node.span else []
        return places[0] if len(places) == 1 else None

    def span(self, node: Node, *fields: str) -> Span | None:
        """The span of the first of these fields that is written, else of the layer."""
        body = place.item.body if (place := self.of(node)) else None
        if isinstance(body, LayerCall | BlockCall):
            written = (body.arguments[field] for field in fields if field in body.arguments)
            template = next(written, None)
            return template.span if template else node.span
        return node.span

    @cached_property
    def written(self) -> dict[Mark, tuple[Scalar, SourceNode]]:
        """Position of a key → key and value, for every entry of the text."""
        try:
            root = parse(self.document.source)
        except SpecError:  # it was parsed before; without a second parse nothing is edited
            return {}
        return {_mark(key.span): (key, value) for key, value in _entries(root)}

    def is_aliased(self, value: SourceNode) -> bool:
        """Whether a value is used by more than one key, through an alias."""
        return self._keys[id(value)] > 1

    @cached_property
    def _keys(self) -> Counter[int]:
        return Counter(id(value) for _, value in self.written.values())

    @cached_property
    def mentions(self) -> Mentions:
        """The references in the text."""
        return Mentions(self.document.source.text, self._places.keys())


def entry_of(places: Places, item: Item) -> tuple[Scalar, SourceNode] | None:
    """Key and value of an item that is written as a mapping; None for any other."""
    return places.written.get(_mark(item.span))


def _mark(span: Span | None) -> Mark:
    return (span.line, span.column) if span else (0, 0)


def _places_of(document: Document) -> Iterator[Place]:
    lists = [document.layers]
    lists += [block.items for block in document.blocks.values()]
    lists += [head.items for head in document.heads.values()]
    while lists:
        items = lists.pop()
        for index, item in enumerate(items):
            yield Place(item, items, index)
            lists += _lists_in(item)


def _lists_in(item: Item) -> list[tuple[Item, ...]]:
    body = item.body
    if isinstance(body, Group):
        return [body.items]
    if isinstance(body, Residual):
        return [body.body, body.shortcut]
    return [path.items for path in body.paths] if isinstance(body, Branches) else []


def _entries(root: SourceNode) -> Iterator[tuple[Scalar, SourceNode]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            yield from node.entries.values()
            waiting += [value for _, value in node.entries.values()]
