"""Plain data → `Document`, without parsing: the text is only laid out, so that every part has a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.document import Document, read_document
from cnncalc.errors import Fault, Source, Span
from cnncalc.limits import LARGEST_SPEC
from cnncalc.source.nodes import Mapping as MappingNode
from cnncalc.source.nodes import Node
from cnncalc.source.nodes import Sequence as SequenceNode
from cnncalc.writer.data import Data, from_data
from cnncalc.writer.layout import lay_out
from cnncalc.writer.nodes import Nodes
from cnncalc.writer.tree import Collection


class LaidOut(Source):
    """A source held as lines, which are joined only on demand."""

    __slots__ = ("_joined", "lines")

    def __init__(self, name: str, lines: Sequence[str]) -> None:
        self.name = name
        self.lines = lines
        self._joined: str | None = None

    @property
    def text(self) -> str:
        """All lines, each ending in a line feed."""
        if self._joined is None:
            self._joined = "".join(f"{line}\n" for line in self.lines)
        return self._joined

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty past the end."""
        return self.lines[number - 1] if number <= len(self.lines) else ""

    def __reduce__(self) -> tuple[type[Source], tuple[str, str]]:
        return Source, (self.name, self.text)


def document_of(spec: Mapping[str, Data], name: str, placed: bool = True) -> Document:
    """The document for a spec given as plain data; `name` is the name of its source in messages.

    Args:
        spec: section by section, as `write` takes it.
        name: of the source.
        placed: whether every part needs its place in the text; if false, no text is laid out, which suffices if only
            the graph is needed.

    Raises:
        SpecError: with every fault that can be told apart.
    """
    root = from_data(spec)
    assert isinstance(root, Collection)
    source = LaidOut(name, lay_out(root) if placed else ())
    nodes = Nodes(source)
    node = nodes.of(root)
    if sum(map(len, source.lines)) + len(source.lines) > LARGEST_SPEC:
        nodes.faults.append(Fault("the text is larger than 4 MiB, the limit for a spec", Span(source, 1, 1)))
    return read_document(source, node, nodes.faults)


def document_at(spec: Mapping[str, Data], source: Source, spans: Sequence[Span]) -> Document:
    """The document for a spec given as plain data, each of whose layers is at a place in another text.

    Args:
        spec: section by section, as `write` takes it.
        source: the other text.
        spans: the places of the items of `layers`; everything else is at the beginning.

    Raises:
        SpecError: with every fault that can be told apart.
    """
    root = from_data(spec)
    assert isinstance(root, Collection)
    nodes = Nodes(source)
    node = nodes.of(root)
    _move(node, Span(source, 1, 1))
    layers = node.get("layers") if isinstance(node, MappingNode) else None
    assert isinstance(layers, SequenceNode)
    for item, span in zip(layers.items, spans, strict=True):
        _move(item, span)
    return read_document(source, node, nodes.faults)


def _move(node: Node, span: Span) -> None:
    """Put a node and everything in it at one place."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        part.span = span
        if isinstance(part, SequenceNode):
            waiting += part.items
        elif isinstance(part, MappingNode):
            for key, value in part.entries.values():
                waiting += (key, value)
