"""What an importer returns whose format says what a spec says, with parameters and calls of blocks: the spec itself."""

from __future__ import annotations

from cnncalc.document import Document, read_document
from cnncalc.errors import Fault, Source
from cnncalc.records import Record, replace
from cnncalc.source.nodes import Mapping, Node, Sequence
from cnncalc.writer import Data, document_of


class Translated(Record):
    """A spec as nodes whose places are in the file from which it was translated."""

    source: Source
    root: Mapping
    faults: tuple[Fault, ...] = ()  # what the reader should know, each with its place

    def placed(self) -> Document:
        """The document whose parts are at their places in the file; raises SpecError for every fault."""
        document = read_document(self.source, self.root)
        return replace(document, aside=(*self.faults, *document.aside)) if self.faults else document

    def written(self) -> Document:
        """The document as text of its own."""
        data = _data(self.root)
        assert isinstance(data, dict)
        return document_of(data, self.source.name)


def _data(node: Node) -> Data:
    """The plain data of a node, for the writer."""
    if isinstance(node, Mapping):
        return {key: _data(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [_data(each) for each in node.items]
    return None if node.empty else node.text if node.quoted or isinstance(node.value, str) else node.value
