"""What is known of an item before it is expanded: what it needs, and what messages call it."""

from __future__ import annotations

from cnncalc.document.types import BlockCall, Group, Item, LayerCall
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
