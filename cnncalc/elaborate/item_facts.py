"""What is known of an item before it is expanded: what it needs, and what messages call it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.document.types import BlockCall, Branches, Document, Group, Item, LayerCall, Residual
from cnncalc.elaborate.scope import Scope
from cnncalc.layers import LAYERS


def needs_input(item: Item) -> bool:
    """Whether an item needs a running tensor: every item except a layer without inputs."""
    body = item.body
    if isinstance(body, Group):
        return not body.items or needs_input(body.items[0])
    return not isinstance(body, LayerCall) or LAYERS[body.kind].inputs[0] > 0


def describe_item(item: Item) -> str:
    """The name of an item in messages before it has a place: its own, else its kind."""
    if item.name is not None:
        return item.name.text
    body = item.body
    if isinstance(body, LayerCall):
        return body.kind
    return body.name if isinstance(body, BlockCall) else type(body).__name__.lower().replace("group", "sequence")


def block_name(body: object, scope: Scope) -> str:
    """The name of the block that an item calls; empty for a group."""
    if not isinstance(body, BlockCall):
        return ""
    return str(scope[body.name[1:]]) if body.indirect else body.name


def all_items(document: Document) -> Iterator[Item]:
    """Every item as written, including those of blocks and heads."""
    yield from _iterate_items(document.layers)
    for block in document.blocks.values():
        yield from _iterate_items(block.items)
    for head in document.heads.values():
        yield from _iterate_items(head.items)


def _iterate_items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        body = item.body
        if isinstance(body, Group):
            yield from _iterate_items(body.items)
        elif isinstance(body, Residual):
            yield from _iterate_items((*body.body, *body.shortcut))
        elif isinstance(body, Branches):
            for path in body.paths:
                yield from _iterate_items(path.items)
