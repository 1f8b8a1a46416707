"""Reads a text into the writer's tree, with comments, anchors and words unchanged; values are not interpreted."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from cnncalc.source.reading import events
from cnncalc.writer.comments import Comments
from cnncalc.writer.tree import Collection, Slot, Word, Written
from cnncalc.writer.words import plain, quote

Event: TypeAlias = Any  # PyYAML's

_BLOCK_SIGN = re.compile(r"[|>][+-]?")
_ANCHOR = re.compile(r"&\S+\s*")


def read_tree(text: str) -> Collection:
    """The tree of a text without faults."""
    reading = _Reading(text.replace("\r\n", "\n").replace("\t", " "))
    for event in events(reading.text):
        reading.take(event)
    return reading.root


class _Reading:
    """One pass over the events; the stack holds the open collections."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments = Comments(text)
        self.root = Collection(mapping=True)
        self._stack: list[tuple[Collection, int]] = []  # each with its column: comments left of it belong outside

    def take(self, event: Event) -> None:
        """Handle one event."""
        name = type(event).__name__
        if name in ("StreamStartEvent", "DocumentStartEvent"):
            return
        start, end = event.start_mark, event.end_mark
        self.comments.upto(start.index)
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, name == "MappingStartEvent")
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._close()
        elif name == "ScalarEvent":
            self._add(self._word(event), start, scalar=True)
        elif name == "AliasEvent":
            self._add(Word(f"*{event.anchor}"), start, scalar=True)
        elif name == "StreamEndEvent":
            self.comments.upto(len(self.text))
            self.root.tail += self.comments.rest()
        begins = name in ("MappingStartEvent", "SequenceStartEvent")  # a start event ends where its content ends
        self.comments.skip(start.index + len(f"&{event.anchor}" if event.anchor else "") if begins else end.index)

    def _open(self, event: Event, mapping: bool) -> None:
        anchor = f"&{event.anchor} " if event.anchor else ""
        collection = Collection(mapping=mapping, flow=bool(event.flow_style), anchor=anchor)
        column = event.start_mark.column
        if self._stack:
            below = self._stack[-1][1]
            self._add(collection, event.start_mark)
            column = max(column, below + 1)
        else:
            self.root = collection
        self._stack.append((collection, column))

    def _close(self) -> None:
        collection, column = self._stack.pop()
        collection.tail += self.comments.rest() if collection.flow else self.comments.within(column)
        if collection.flow and self._stack:
            around = self._stack[-1][0]
            self.comments.last = around.slots[-1]

    def _add(self, value: Written, mark: Any, scalar: bool = False) -> None:  # noqa: ANN401
        """Add a key, or a value after its key or dash."""
        if not self._stack:
            return
        around, _ = self._stack[-1]
        awaits = around.mapping and around.slots and isinstance(around.slots[-1].value, Awaited)
        if awaits:
            around.slots[-1].value = value
            if scalar:
                self.comments.last = around.slots[-1]
            return
        slot = Slot(above=self.comments.above())
        if around.mapping:
            assert isinstance(value, Word)
            slot.key, slot.value = f"{value.anchor}{value.text}", Awaited("")
        else:
            slot.value = value
        around.slots.append(slot)
        self.comments.last = slot

    def _word(self, event: Event) -> Word:
        """A scalar as written; a needlessly multi-line scalar is joined to one line."""
        start, end = event.start_mark.index, event.end_mark.index
        anchor = f"&{event.anchor} " if event.anchor else ""
        raw = self.text[start:end].rstrip()
        if anchor:
            raw = _ANCHOR.sub("", raw, count=1)
        style, value = event.style, event.value
        if style in ("|", ">"):
            return self._block(raw, value, anchor)
        if style is None:
            return Word(raw if "\n" not in raw else value if plain(value) else quote(value), anchor=anchor)
        simple = style == "'" and value.isprintable() and '"' not in value and "\\" not in value
        return Word(f'"{value}"' if simple else raw if "\n" not in raw else quote(value), anchor=anchor)

    def _block(self, raw: str, value: str, anchor: str) -> Word:
        """A block of text under `>-` or `|` with its lines unchanged; quoted if it has an indentation indicator."""
        head, _, body = raw.partition("\n")
        sign, _, comment = head.partition(" ")
        lines = body.split("\n")
        indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
        keeps = sign.endswith("+")
        if not _BLOCK_SIGN.fullmatch(sign) or keeps or not body.strip():
            return Word(quote(value), anchor=anchor)
        if comment.strip():
            self.comments.beside(comment.strip(), 0)
        return Word(sign, tuple(line[indent:].rstrip() for line in lines), anchor)


class Awaited(Word):
    """Placeholder for the value of a key, until the value is read."""
