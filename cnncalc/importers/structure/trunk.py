"""The network itself: every layer once, parts that tell something under their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cnncalc.importers.structure.elements import Element, Elements, Fork, Part, leaves, wraps
from cnncalc.importers.structure.patterns import Pattern, Patterns
from cnncalc.importers.structure.titles import tells

_NUMBER = re.compile(r"[_-]?\d+$")
_LEAST = 4  # layers of a part that is kept together
_MOST = 0.6  # of all layers: a part that holds nearly everything says nothing


class Trunk:
    """Makes patterns of elements that stand once."""

    def __init__(self, total: int, unique: Callable[[str], str], own: frozenset[str] = frozenset()) -> None:
        self._total = total
        self._own = own  # levels that are heads, and have their names there
        self._unique = unique

    def patterns(self, elements: Elements, flowing: str) -> Patterns:
        """The patterns of a list, into which a tensor flows."""
        elements = self._opened(elements)
        counted = Counter(_stem(element) for element in elements if isinstance(element, Part))
        running = [flowing] + [element.output for element in elements]
        return [self._pattern(*pair, counted) for pair in zip(elements, running, strict=False)]

    def _opened(self, elements: Elements) -> Elements:
        """The list with the parts dissolved that are neither blocks nor worth a name."""
        found: Elements = []
        for element in map(_unwrapped, elements):
            if isinstance(element, Part) and element.block is None and not self._stays(element):
                found += self._opened(element.elements)
            else:
                found.append(element)
        return found

    def _stays(self, part: Part) -> bool:
        layers = sum(1 for _ in leaves(part.elements))
        return part.path not in self._own and tells(part.path) and _LEAST <= layers < self._total * _MOST

    def _pattern(self, element: Element, running: str, counted: Counter[tuple[object, str]]) -> Pattern:
        found = Pattern(
            None if element.reads == running else element.reads,
            element.output,
            [element.arguments],
            [element.channels],
            [element.leaving],
            [""],
        )
        found.written = dict(element.arguments)
        if isinstance(element, Part):
            found.path, found.block = element.path, element.block
            if element.block is None:
                found.name = self._unique(element.path)
                found.items = self.patterns(element.elements, element.reads)
            elif self._total and self._says(element, counted):
                found.name = self._unique(element.path)
            return found
        found.node, found.kinds = element.node, [element.node.kind]
        if isinstance(element, Fork):
            inside = Trunk(0, self._unique)  # where nothing is large enough for a name, or read from elsewhere
            found.paths = [inside.patterns(path, element.reads) for path in element.paths]
            found.joined = [True]
        else:
            found.sources = element.sources
        return found

    def _says(self, part: Part, counted: Counter[tuple[object, str]]) -> bool:
        """Whether a name is neither a number among its like, denselayer3, nor what the block is called."""
        assert part.block is not None
        if part.path in self._own or not tells(part.path):
            return False
        block, stem = _stem(part)
        return counted[block, stem] == 1 and stem.replace("_", "") != part.block.name.replace("_", "")


def _unwrapped(element: Element) -> Element:
    """What a level holds that holds one other level alone, by the name of the outer one where that tells something."""
    while isinstance(element, Part) and element.block is None and wraps(element.elements):
        (inner,) = element.elements
        assert isinstance(inner, Part)
        element = replace(inner, path=element.path) if tells(element.path) else inner
    return element


def _stem(part: Part) -> tuple[object, str]:
    last = part.path.rpartition(".")[2]
    return id(part.block), _NUMBER.sub("", last)
