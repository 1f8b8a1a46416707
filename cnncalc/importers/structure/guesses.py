"""Guesses parts where module paths give none: conv, norm and activation; a fork and its activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from cnncalc.importers.structure.elements import Element, Elements, Fork, Leaf, Part
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer


class Guesses:
    """Groups layers as a person would; `readers` counts the readers of every tensor."""

    def __init__(self, readers: Mapping[str, int]) -> None:
        self._readers = readers
        self._numbers = count()

    def parts(self, elements: Elements) -> Elements:
        """The list with its parts, those in paths included."""
        for element in elements:
            if isinstance(element, Fork):
                element.paths = [self.parts(path) for path in element.paths]
        grouped: Elements = []
        place = 0
        while place < len(elements):
            length = self._unit(elements, place) or self._joined(elements, place)
            if length > 1 or (length and isinstance(elements[place], Fork)):
                grouped.append(self._part(elements[place : place + length]))
            else:
                grouped.append(elements[place])
            place += max(length, 1)
        return grouped

    def _part(self, elements: Elements) -> Part:
        first, last = elements[0], elements[-1]
        path = str(next(self._numbers))
        return Part(path, elements, first.channels, first.reads, last.order, last.output, last.out_channels)

    def _unit(self, elements: Sequence[Element], place: int) -> int:
        """The length of a run of convolution, normalization and activation that starts here; else 0."""
        first = elements[place]
        if not _is(first, _convolves) or (isinstance(first, Leaf) and first.node.shares is not None):
            return 0
        length = 1
        for what in (_normalizes, _activates):
            if self._follows(elements, place + length) and _is(elements[place + length], what):
                length += 1
        return length

    def _joined(self, elements: Sequence[Element], place: int) -> int:
        """The length of a fork with the activation after its join that starts here; else 0."""
        element = elements[place]
        if not isinstance(element, Fork) or any(leaf.sources or leaf.node.shares for leaf in _layers(element)):
            return 0  # references by name would differ in another place
        after = self._follows(elements, place + 1) and _is(elements[place + 1], _activates)
        return 2 if after and not has_weights(_kind(elements[place + 1])) else 1

    def _follows(self, elements: Sequence[Element], place: int) -> bool:
        """Whether this element reads only the one before it, and is its only reader."""
        if place >= len(elements):
            return False
        element, before = elements[place], elements[place - 1].output
        alone = not isinstance(element, Leaf) or element.sources is None
        return alone and element.reads == before and self._readers[before] == 1


def _layers(fork: Fork) -> Iterator[Leaf]:
    """The layers in its paths."""
    for path in fork.paths:
        for element in path:
            if isinstance(element, Leaf):
                yield element
            elif isinstance(element, Fork):
                yield from _layers(element)
            else:
                yield from (inner for inner in element.elements if isinstance(inner, Leaf))


def _is(element: Element, what: Callable[[type[Layer]], bool]) -> bool:
    return isinstance(element, Leaf) and element.sources is None and what(LAYERS[element.node.kind])


def _convolves(layer: type[Layer]) -> bool:
    return layer.weighs and layer.windows is not Layer.windows


def _normalizes(layer: type[Layer]) -> bool:
    return layer.normalizes or layer.kind == "scale"  # the affine part of a normalization without one


def _activates(layer: type[Layer]) -> bool:
    return layer.activation


def _kind(element: Element) -> str:
    return "" if isinstance(element, Part) else element.node.kind
