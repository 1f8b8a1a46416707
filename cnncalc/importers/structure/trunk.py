"""Makes the patterns of the network itself: every layer once, and descriptive parts under their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cnncalc.importers.structure.elements import NOTHING, Element, Elements, Fork, Part, leaves, wraps
from cnncalc.importers.structure.patterns import Pattern, Patterns
from cnncalc.importers.structure.titles import is_descriptive

_NUMBER = re.compile(r"[_-]?\d+$")
_LEAST = 4  # layers in a part that is kept as one
_MOST = 0.6  # share of all layers: a part with nearly all of them tells nothing


class Trunk:
    """Makes patterns of elements that occur once."""

    def __init__(self, total: int, unique: Callable[[str], str], own: frozenset[str] = frozenset()) -> None:
        self._total = total
        self._own = own  # levels that are heads, which have names of their own
        self._unique = unique

    def patterns(self, elements: Elements, flowing: str) -> Patterns:
        """The patterns of a list, into which the tensor `flowing` goes."""
        elements = self._dissolve(elements)
        counted = Counter(_stem(element) for element in elements if isinstance(element, Part))
        running = [flowing] + [element.output for element in elements]
        return [self._pattern(*pair, counted) for pair in zip(elements, running, strict=False)]

    def _dissolve(self, elements: Elements) -> Elements:
        """The list, with the parts dissolved that are neither blocks nor worth a name."""
        opened: Elements = []
        for element in map(_unwrap, elements):
            if isinstance(element, Part) and element.block is None and not self._is_kept(element):
                opened += self._dissolve(element.elements)
            else:
                opened.append(element)
        return opened

    def _is_kept(self, part: Part) -> bool:
        layers = sum(1 for _ in leaves(part.elements))
        return part.path not in self._own and is_descriptive(part.path) and _LEAST <= layers < self._total * _MOST

    def _pattern(self, element: Element, running: str, counted: Counter[tuple[object, str]]) -> Pattern:
        pattern = Pattern(
            None if element.reads in (running, NOTHING) else element.reads,
            element.output,
            [element.arguments],
            [element.channels],
            [element.out_channels],
            [""],
        )
        pattern.written = dict(element.arguments)
        if isinstance(element, Part):
            pattern.path, pattern.block = element.path, element.block
            pattern.sources, pattern.sides = element.others or None, element.sides
            if element.block is None:
                pattern.name = self._unique(element.path)
                pattern.items = self.patterns(element.elements, element.reads)
            elif self._total and self._is_worth_naming(element, counted):
                pattern.name = self._unique(element.path)
            return pattern
        pattern.node, pattern.kinds = element.node, [element.node.kind]
        if isinstance(element, Fork):
            inside = Trunk(0, self._unique)  # nothing in a path is large enough for a name, or read from outside
            pattern.paths = [inside.patterns(path, element.reads) for path in element.paths]
            pattern.joined = [True]
        else:
            pattern.sources = element.sources
        return pattern

    def _is_worth_naming(self, part: Part, counted: Counter[tuple[object, str]]) -> bool:
        """Whether a name is more than a number among similar ones (denselayer3) and more than the block's name."""
        assert part.block is not None
        if part.path in self._own or not is_descriptive(part.path):
            return False
        block, stem = _stem(part)
        return counted[block, stem] == 1 and stem.replace("_", "") != part.block.name.replace("_", "")


def _unwrap(element: Element) -> Element:
    """The inner level of one that holds nothing else, under the outer name if that is descriptive."""
    while isinstance(element, Part) and element.block is None and wraps(element.elements):
        (inner,) = element.elements
        assert isinstance(inner, Part)
        element = replace(inner, path=element.path) if is_descriptive(element.path) else inner
    return element


def _stem(part: Part) -> tuple[object, str]:
    last = part.path.rpartition(".")[2]
    return id(part.block), _NUMBER.sub("", last)
