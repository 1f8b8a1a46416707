"""Items of `layers` as they were read before, for a document that is read again after every edit."""

from __future__ import annotations

from cnncalc.document.items import read_item
from cnncalc.document.reader import Reader
from cnncalc.document.types import Item
from cnncalc.errors import Span
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Node, Sequence


class _Known(NamedTuple):
    node: Node
    span: Span  # where it was when it was read
    item: Item


class KeptItems:
    """Reads a list of items; one whose node is the same object at the same place as before is not read again.

    An item depends on its node and on the other sections of the document, so whoever keeps nodes replaces all of them
    when another section changes.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}  # by the id of the node, which is kept alive

    def read(self, reader: Reader, node: Sequence) -> tuple[Item, ...]:
        """The items of a list, as `read_items` reads them; those with faults are read every time."""
        before, self._known = self._known, {}
        items = []
        for entry in node.items:
            known = before.get(id(entry))
            if known is None or known.node is not entry or known.span is not entry.span:
                faults = len(reader.faults)
                item = read_item(reader, entry)
                known = _Known(entry, entry.span, item) if item is not None else None
                if len(reader.faults) > faults:
                    items += [item] if item is not None else []
                    continue
            if known is not None:
                self._known[id(entry)] = known
                items.append(known.item)
        return tuple(items)
