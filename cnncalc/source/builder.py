"""Builds nodes from PyYAML's events on an explicit stack, with bounded depth and size for any text."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeAlias

from cnncalc.errors import Fault, Source, Span
from cnncalc.limits import DEEPEST_YAML, MOST_ALIASED, MOST_YAML_NODES
from cnncalc.quantities.numerals import numeral
from cnncalc.source import traps as yaml_traps
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence

# PyYAML's stubs declare every mark optional, but the marks of a parsed text are always present.
Event: TypeAlias = Any
Mark: TypeAlias = Any

MOST_FAULTS = 50

_STARTS_A_NUMBER = frozenset("0123456789+-.")
_BOOLEANS = {"true": True, "false": False}


def plain_value(text: str) -> int | Fraction | bool | str:
    """The value of an unquoted scalar: a number, true or false if it spells one, else the text.

    Raises:
        OverflowError: the number exceeds the limits of `numeral`; the message is a sentence.
    """
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    value = numeral(text) if text and text[0] in _STARTS_A_NUMBER else None
    return text if value is None else value


class _TooManyFaults(Exception):  # noqa: N818 - control flow: the faults are recorded, stop reading
    pass


class _Open:
    """A list or mapping that has not ended yet, or, once closed, the target of an anchor."""

    __slots__ = ("anchor", "end", "height", "key", "node", "size")

    def __init__(self, node: Node, anchor: str | None, size: int = 1) -> None:
        self.node = node
        self.anchor = anchor
        self.key: Node | None = None
        self.size = size  # number of nodes, aliases expanded
        self.height = 0  # nesting levels below; including this one once closed
        self.end = 0  # the end column on its first line so far


class Builder:
    """Builds the nodes of one text and collects its faults."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Open] = {}
        self.whole = False  # whether the whole text was read
        self._root: Node | None = None
        self._count = 0
        self._repeated = 0

    def build(self, events: Iterable[Event]) -> Node:
        """The root node, which is valid only if `faults` is empty. Errors of PyYAML propagate."""
        handlers = {
            "ScalarEvent": self._scalar,
            "AliasEvent": self._alias,
            "MappingStartEvent": self._start_mapping,
            "SequenceStartEvent": self._start_sequence,
            "MappingEndEvent": self._end,
            "SequenceEndEvent": self._end,
            "DocumentStartEvent": self._document,
        }
        try:
            for event in events:
                handler = handlers.get(type(event).__name__)
                if handler:
                    handler(event)
            self.whole = self._root is not None
        except _TooManyFaults:
            pass
        if not self.faults and (self._root is None or (isinstance(self._root, Scalar) and self._root.empty)):
            self.fault("the file is empty: a spec has at least 'input' and 'layers'", Span(self.source, 1, 1))
        return self._root or Scalar("", Span(self.source, 1, 1), False, "")

    def fault(self, message: str | Fault, span: Span | None = None, hint: str | None = None) -> None:
        """Record a fault; stop reading after MOST_FAULTS."""
        self.faults.append(message if isinstance(message, Fault) else Fault(message, span, hint))
        if len(self.faults) >= MOST_FAULTS:
            raise _TooManyFaults

    def _stop(self, message: str, span: Span, hint: str | None = None) -> None:
        self.fault(message, span, hint)
        raise _TooManyFaults

    # -- events

    def _document(self, event: Event) -> None:
        if self._root is not None:
            self._stop(
                "a second document begins here: a file must contain one spec", self._span(event, 3), "delete the '---'"
            )

    def _scalar(self, event: Event) -> None:
        start, end = event.start_mark, event.end_mark
        stop = end.column if end.line == start.line else self._line_end(start)
        text, style = event.value, event.style
        begin = start.column if text or stop > start.column else self._after_last_word(start)
        span = Span(self.source, start.line + 1, begin + 1, max(1, stop - begin) if text or style else 1)
        scalar = Scalar(text, span, bool(style), text)
        if not style:
            self._read_plain(scalar)
        elif yaml_traps.is_lone_block_sign(scalar, style):
            self.fault(yaml_traps.block_text(span))
        if event.tag is not None:
            self._tag(event)
        if event.anchor:
            self._anchors[event.anchor] = _Open(scalar, event.anchor)
        self._attach(scalar, 1, 0, stop)

    def _read_plain(self, scalar: Scalar) -> None:
        try:
            scalar.value = plain_value(scalar.text)
        except OverflowError as error:
            self.fault(str(error), scalar.span)

    def _start_mapping(self, event: Event) -> None:
        self._push(event, Mapping({}, self._span(event), bool(event.flow_style)))

    def _start_sequence(self, event: Event) -> None:
        self._push(event, Sequence([], self._span(event), bool(event.flow_style)))

    def _push(self, event: Event, node: Mapping | Sequence) -> None:
        if event.tag is not None:
            self._tag(event)
        if len(self._stack) >= DEEPEST_YAML:
            self._stop(f"nested more than {DEEPEST_YAML} deep", node.span)
        opened = _Open(node, event.anchor)
        opened.end = node.span.column
        if event.anchor:
            self._anchors[event.anchor] = opened
        self._stack.append(opened)

    def _end(self, event: Event) -> None:
        closed = self._stack.pop()
        node, span = closed.node, closed.node.span
        if isinstance(node, (Mapping, Sequence)):
            end = event.end_mark
            stop = end.column if node.flow and end.line + 1 == span.line else closed.end
            node.span = span._replace(width=max(1, stop - span.column + 1))
            closed.height += 1
            self._attach(node, closed.size, closed.height, stop)

    def _alias(self, event: Event) -> None:
        name = event.anchor
        span = self._span(event, len(name) + 1)
        target = self._anchors.get(name)
        if target is None:
            self.fault(yaml_traps.alias(span, "*"))
            self._attach(Scalar(name, span, False, name), 1, 0, 0)
            return
        if any(target is opened for opened in self._stack):
            self._stop(f"'*{name}' refers to a node that contains it", span, "use a block instead")
        self._repeated += target.size
        if self._repeated > MOST_ALIASED:
            self._stop(f"the aliases repeat more than {MOST_ALIASED:,} nodes", span, "declare a block instead")
        if len(self._stack) + target.height > DEEPEST_YAML:
            self._stop(f"nested more than {DEEPEST_YAML} deep, what '*{name}' repeats included", span)
        self._attach(target.node, target.size, target.height, 0)

    # -- putting together

    def _attach(self, node: Node, size: int, height: int, end: int) -> None:
        self._count += 1
        if self._count > MOST_YAML_NODES:
            self._stop(f"more than {MOST_YAML_NODES:,} nodes", node.span, "use 'repeat' or a block")
        if not self._stack:
            self._root = node
            if isinstance(node, Scalar):
                self._check(yaml_traps.misread_item(node, False))
            return
        parent = self._stack[-1]
        parent.size += size
        parent.height = max(parent.height, height)
        if node.span.line == parent.node.span.line:
            parent.end = max(parent.end, end)
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
            if isinstance(node, Scalar):
                self._check(yaml_traps.misread_item(node, parent.node.flow))
        elif parent.key is None:
            parent.key = node
        else:
            key, parent.key = parent.key, None
            self._entry(parent.node, key, node)

    def _entry(self, mapping: Node, key: Node, value: Node) -> None:
        assert isinstance(mapping, Mapping)
        if not isinstance(key, Scalar):
            self.fault("a key must be a single word, not a list or a mapping", key.span)
        elif misread := yaml_traps.misread_entry(key, value, mapping.flow):
            self.fault(misread)
        elif key.text == "<<" and not key.quoted:
            self.fault("merge keys are not supported", key.span, "declare a block with parameters instead")
        elif key.empty:
            self.fault("a key is missing before the colon", key.span, "write 'key: value'")
        elif key.text not in mapping.entries:
            mapping.entries[key.text] = (key, value)
        elif not (self.faults and yaml_traps.closes_parenthesis(key, value)):
            first = mapping.entries[key.text][0].span.line
            self.fault(
                f"'{key.text}' is given twice: on line {first} and on line {key.span.line}", key.span, "keep one"
            )

    def _check(self, fault: Fault | None) -> None:
        if fault:
            self.fault(fault)

    def _tag(self, event: Event) -> None:
        start = event.start_mark
        skipped = self.source.text.find("!", start.index) - start.index  # an anchor may precede the tag
        self.fault(yaml_traps.tag(Span(self.source, start.line + 1, start.column + 1 + max(skipped, 0))))
        if self._stack and getattr(self._stack[-1].node, "flow", False):
            raise _TooManyFaults  # the scanners disagree on the extent of the tag: `{when: !x, name: y}`

    def _span(self, event: Event, width: int = 1) -> Span:
        mark = event.start_mark
        return Span(self.source, mark.line + 1, mark.column + 1, width)

    def _after_last_word(self, mark: Mark) -> int:
        """The column where an omitted value would begin; the scanners disagree about the blanks before it."""
        text, index = self.source.text, int(mark.index)
        while index and text[index - 1] in " \t":
            index -= 1
        return int(mark.column) + index - int(mark.index)

    def _line_end(self, mark: Mark) -> int:
        """The column after the last non-blank character of the line of this mark."""
        text = self.source.text
        end = text.find("\n", mark.index)
        line = text[mark.index : end if end >= 0 else len(text)]
        return int(mark.column) + len(line.rstrip())
