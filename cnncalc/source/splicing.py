"""The YAML tree of a text that is being edited: of an edit inside `layers`, only the items that it touches are parsed.

A block sequence is a list of items, each of which begins with a dash at one column. What YAML makes of an item depends
on nothing outside its lines: the dash of the next one ends whatever is open, and an item in which something stays open
does not parse alone. Whatever could reach further (anchors, marks of documents) makes the whole text be parsed again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from cnncalc.errors import Fault, Source, Span
from cnncalc.limits import DEEPEST_YAML, MOST_YAML_NODES
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.source.reading import longest, scan

_MARK_OF_DOCUMENT = re.compile(r"(?m)^(?:---|\.\.\.)")


class LiveSource(Source):
    """A source whose text changes with its document; the spans in it are moved along."""

    __slots__ = ()

    def become(self, text: str) -> None:
        """Take a new text."""
        self.__init__(self.name, text)  # type: ignore[misc]


class _Patch(NamedTuple):
    """Items `first` to before `last` of the list, as they are now; `lines` is how far what follows has moved."""

    first: int
    last: int
    parsed: Sequence
    line: int  # of the first, from 0
    lines: int


class LiveTree:
    """The last tree without faults, and the text that it was parsed from. Each tree is valid until the next scan."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._source: LiveSource | None = None
        self._root: Mapping | None = None
        self._count = 0  # of nodes

    def scan(self, text: str) -> tuple[Source, Node | None, list[Fault]]:
        """The source of a text, its root node and its faults: the same as a scan of the whole text finds."""
        if self._root is not None and self._source is not None:
            patch = _patch(self._source, self._root, text)
            if patch is not None and self._apply(patch, text):
                return self._source, self._root, []
        source = LiveSource(self._name, text)
        root, faults = scan(source)
        if not faults and isinstance(root, Mapping) and "&" not in text and _list_of(root) is not None:
            self._source, self._root, self._count = source, root, sum(1 for _ in _walk(root))
        return source, root, faults

    def _apply(self, patch: _Patch, text: str) -> bool:
        """Put a patch into the tree; False, and nothing is changed, if a limit is exceeded."""
        source, root = self._source, self._root
        assert source is not None
        assert root is not None
        layers = _list_of(root)
        assert layers is not None
        old = layers.items[patch.first : patch.last]
        new = patch.parsed.items
        levels = [level for item in new for level, _ in _walk(item, 3)]
        count = self._count + len(levels) - sum(1 for item in old for _ in _walk(item))
        if count > MOST_YAML_NODES or max(levels) >= DEEPEST_YAML:
            return False
        for item in new:
            _move(item, source, patch.line)
        if patch.lines:
            for item in layers.items[patch.last :]:
                _move(item, source, patch.lines)
            for key, value in root.entries.values():
                if key.span.line > layers.span.line:
                    _move(key, source, patch.lines)
                    _move(value, source, patch.lines)
        if patch.first == 0:
            layers.span = layers.span._replace(width=patch.parsed.span.width)
        layers.items[patch.first : patch.last] = new
        self._count = count
        source.become(text)
        return True


def _patch(source: Source, root: Mapping, text: str) -> _Patch | None:
    """What an edit changes in the list of layers; None if it cannot be told, or if it changes more."""
    before, layers = source.text, _list_of(root)
    if layers is None or "&" in text or len(text) > longest():
        return None
    same = _common(before, text)
    tail = _common_end(before, text, same)
    begins = [item.span.line - 1 for item in layers.items]
    first = bisect_right(begins, before.count("\n", 0, same)) - 1
    touched = before.count("\n", 0, len(before) - tail)
    last = bisect_right(begins, touched)
    following = _next_section(root, layers)
    if first < 0 or (following is not None and touched >= following.span.line - 1):
        return None
    dash = " " * (layers.span.column - 1) + "- "
    start_at = _offset(before, begins[first])
    if first > 0 and not text.startswith(dash, start_at):  # the line has become one of the item before
        first -= 1
        start_at = _offset(before, begins[first])
    if last < len(begins):
        end_at, ended = _offset(before, begins[last]), dash
    elif following is not None:
        end_at, ended = _offset(before, following.span.line - 1), following.text
    else:
        end_at, ended = len(before), ""
    if not (before.startswith(dash, start_at) and text.startswith(dash, start_at) and before.startswith(ended, end_at)):
        return None
    piece = text[start_at : len(text) - (len(before) - end_at)]
    if _MARK_OF_DOCUMENT.search(piece):
        return None
    parsed, faults = scan(Source(source.name, piece))
    if faults or not isinstance(parsed, Sequence) or parsed.flow or parsed.span[1:3] != (1, layers.span.column):
        return None
    return _Patch(first, last, parsed, begins[first], text.count("\n") - before.count("\n"))


def _list_of(root: Mapping) -> Sequence | None:
    """The list of layers, if it is one with a dash before each."""
    layers = root.get("layers")
    return layers if isinstance(layers, Sequence) and not layers.flow and not root.flow else None


def _next_section(root: Mapping, layers: Sequence) -> Scalar | None:
    """The key of the section after `layers`."""
    keys = [key for key, _ in root.entries.values() if key.span.line > layers.span.line]
    return min(keys, key=lambda key: key.span.line, default=None)


def _walk(node: Node, level: int = 1) -> Iterator[tuple[int, Node]]:
    """A node and all nodes in it, each with the number of lists and mappings around it, itself included."""
    waiting = [(level, node)]
    while waiting:
        level, node = waiting.pop()
        yield level, node
        if isinstance(node, Sequence):
            waiting += [(level + 1, item) for item in node.items]
        elif isinstance(node, Mapping):
            for entry in node.entries.values():
                waiting += [(level + 1, part) for part in entry]


def _move(node: Node, source: Source, lines: int) -> None:
    """Move a node and all nodes in it down."""
    for _, each in _walk(node):
        _, line, column, width = each.span
        each.span = Span(source, line + lines, column, width)


def _offset(text: str, line: int) -> int:
    """The offset at which a line, from 0, begins."""
    found = 0
    for _ in range(line):
        found = text.index("\n", found) + 1
    return found


def _common(one: str, other: str) -> int:
    """The length of the common beginning of two texts."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    """The length of the common end of two texts after their common beginning, of length `most`."""
    low, high = 0, min(len(one), len(other)) - most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
