"""Where in the text a layer and each of its fields stand; what stands beside it in its list."""

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
from cnncalc.source.nodes import Node as Written
from cnncalc.source.reading import parse


class Place(NamedTuple):
    """An item, the list that it stands in, and its position there."""

    item: Item
    siblings: tuple[Item, ...]
    position: int

    def sibling(self, step: int) -> Item | None:
        """The item so many places on; None beyond the ends."""
        index = self.position + step
        return self.siblings[index] if 0 <= index < len(self.siblings) else None


class Places:
    """The items of one document by where they stand; the text is read again only where an edit is asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def _places(self) -> dict[Mark, list[Place]]:
        found: dict[Mark, list[Place]] = {}
        for place in _places_of(self.document):
            found.setdefault(_mark(place.item.span), []).append(place)
        return found

    def of(self, node: Node) -> Place | None:
        """The item that a layer was expanded from; None where an alias has it stand in several lists."""
        found = self._places.get(_mark(node.span), []) if node.span else []
        return found[0] if len(found) == 1 else None

    def span(self, node: Node, *fields: str) -> Span | None:
        """The first of these fields that is written, else the layer."""
        body = place.item.body if (place := self.of(node)) else None
        if isinstance(body, LayerCall | BlockCall):
            written = (body.arguments[field] for field in fields if field in body.arguments)
            template = next(written, None)
            return template.span if template else node.span
        return node.span

    @cached_property
    def written(self) -> dict[Mark, tuple[Scalar, Written]]:
        """Key and value of every entry of the text, by where the key stands."""
        try:
            root = parse(self.document.source)
        except SpecError:  # it was read before; what cannot be read again is not edited
            return {}
        return {_mark(key.span): (key, value) for key, value in _entries(root)}

    def is_aliased(self, value: Written) -> bool:
        """Whether more than one key leads to a value: its own, and those with an alias of it."""
        return self._keys[id(value)] > 1

    @cached_property
    def _keys(self) -> Counter[int]:
        return Counter(id(value) for _, value in self.written.values())

    @cached_property
    def mentions(self) -> Mentions:
        """What the text speaks of."""
        return Mentions(self.document.source.text, self._places.keys())


def entry_of(places: Places, item: Item) -> tuple[Scalar, Written] | None:
    """Key and value of an item that is written as a mapping."""
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
    return list(body.paths) if isinstance(body, Branches) else []


def _entries(root: Written) -> Iterator[tuple[Scalar, Written]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            yield from node.entries.values()
            waiting += [value for _, value in node.entries.values()]
