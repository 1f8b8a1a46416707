"""Builds, without parsing, the nodes that reading the written text would give."""

from __future__ import annotations

import json

from cnncalc.errors import Fault, Source, Span
from cnncalc.limits import DEEPEST_YAML, MOST_YAML_NODES
from cnncalc.source.builder import plain_value
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.writer.tree import NOWHERE, Spot, Word, Written
from cnncalc.writer.words import in_flow


class Nodes:
    """Builds the nodes of one text from the tree of `from_data`, which has no anchors and no comments.

    Spans are the spots recorded by the layout; without a layout each node gets a line of its own, so that nodes
    stay distinguishable. `faults` lists what a spec may not contain.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self._count = 0

    def of(self, written: Written, depth: int = 0, flow: bool = False) -> Node:
        """The node of a word or collection; `flow` says whether it is inside brackets."""
        self._count += 1
        span = self._span(written.spot)
        if self._count == MOST_YAML_NODES + 1:
            self.faults.append(Fault(f"more than {MOST_YAML_NODES:,} nodes", span, "use 'repeat' or a block"))
        if isinstance(written, Word):
            return self._scalar(written, span, flow)
        if depth >= DEEPEST_YAML:
            self.faults.append(Fault(f"nested more than {DEEPEST_YAML} deep", span))
            return Sequence([], span, written.flow)
        inside = [self.of(slot.value, depth + 1, written.flow) for slot in written.slots]
        if not written.mapping:
            return Sequence(inside, span, written.flow)
        keys = [self._scalar(Word(slot.key), self._span(slot.spot), written.flow) for slot in written.slots]
        return Mapping({key.text: (key, value) for key, value in zip(keys, inside, strict=True)}, span, written.flow)

    def _span(self, spot: Spot) -> Span:
        return Span(self.source, self._count, 1) if spot is NOWHERE else Span(self.source, *spot)

    def _scalar(self, word: Word, span: Span, flow: bool) -> Scalar:
        if word.lines is not None:
            text = " ".join(word.lines)  # under >-
            return Scalar(text, span, True, text)
        spelling = in_flow(word.text) if flow else word.text
        if spelling.startswith('"'):
            text = json.loads(spelling)
            return Scalar(text, span, True, text)
        try:
            return Scalar(spelling, span, False, plain_value(spelling))
        except OverflowError as error:
            self.faults.append(Fault(str(error), span))
            return Scalar(spelling, span, False, spelling)
