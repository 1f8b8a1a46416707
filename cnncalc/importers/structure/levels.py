"""Finds the levels of module paths that are parts, most with one input and one output tensor; others are dissolved."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from cnncalc.importers.structure.chains import Chains
from cnncalc.importers.structure.elements import NOTHING, Element, Elements, Leaf, Part, channels_of
from cnncalc.importers.traced import TracedNode
from cnncalc.importers.writing.arguments import Arguments
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Shape

DEEPEST = 20  # nested levels of names


class Levels:
    """Finds the parts of a network, from the inside out."""

    def __init__(
        self,
        nodes: Sequence[TracedNode],
        arguments: Mapping[str, Arguments],
        shapes: Mapping[str, Shape],
        several: Container[str],
    ) -> None:
        self._nodes = nodes
        self._shapes = shapes
        self._arguments = arguments
        self._several = several  # the levels that may have several inputs or outputs
        self.refused: set[str] = set()  # those that have, and may not
        self._order = {node.name: number for number, node in enumerate(nodes)}
        self._parts: dict[str, list[Element] | None] = {}
        self._readers: dict[str, list[int]] = {}
        for number, node in enumerate(nodes):
            for tensor in node.inputs:
                self._readers.setdefault(tensor, []).append(number)
            if node.shares is not None:  # a layer that shares weights stays in one level with their owner
                self._readers.setdefault(node.shares, []).append(number)

    def elements(self, leaving: Sequence[str]) -> Elements:
        """The elements of the whole network, which has these output tensors."""
        return self._level("", list(self._nodes), frozenset(leaving), None)

    def _level(self, path: str, nodes: list[TracedNode], leaving: frozenset[str], entry: str | None) -> Elements:
        """The elements of one level."""
        members = sorted(self._members(path, nodes, leaving), key=lambda member: member.order)
        return Chains(self._shapes, entry).reduce(members, leaving)

    def _members(self, path: str, nodes: list[TracedNode], leaving: frozenset[str]) -> Iterator[Element]:
        """The layers and parts of a level; a nested level that is not a part is replaced by its members."""
        within: dict[str, list[TracedNode]] = {}
        alone: list[TracedNode] = []
        start = len(path) + 1 if path else 0
        for node in nodes:
            name, dot, _ = node.name[start:].partition(".")
            if dot and path.count(".") < DEEPEST:
                within.setdefault(f"{node.name[:start]}{name}", []).append(node)
            else:
                alone.append(node)
        for node in alone:
            if node.name != path and node.name in within:  # the level has a weight of its own
                within[node.name].append(node)
            else:
                yield self._leaf(node)
        for level, own in within.items():
            if level not in self._parts:
                own.sort(key=lambda node: self._order[node.name])
                self._parts[level] = self._part(level, own, leaving)
            yield from self._parts[level] or self._members(level, own, leaving)

    def _part(self, level: str, nodes: list[TracedNode], leaving: frozenset[str]) -> list[Element] | None:
        """A level as a part, after a join of its inputs if there are several; None where it cannot be one."""
        own = {node.name for node in nodes}
        if any((node.shares is not None and node.shares not in own) or node.further for node in nodes):
            return None
        entering = list(dict.fromkeys(tensor for node in nodes for tensor in node.inputs if tensor not in own))
        if len(entering) > 1 and LAYERS[nodes[0].kind].joins and len(nodes) > 1:
            head, *rest = nodes
            if all(tensor in own for node in rest for tensor in node.inputs):
                behind = self._part(level, rest, leaving)
                return None if behind is None else [self._leaf(head), *behind]
        out = [n.name for n in nodes if n.name in leaving or self._read_outside(n.name, own)]
        if not entering or not out:
            return None
        if len(entering) + len(out) > 2 and level not in self._several:
            self.refused.add(level)
            return None
        entry, *others = entering
        elements = self._level(level, nodes, frozenset(out), entry)
        last = elements[-1].output
        if last not in out:  # something in it is never read
            return None
        part = Part(
            level,
            elements,
            channels_of(self._shapes[entry]),
            entry,
            max(self._order[name] for name in own),
            last,
            channels_of(self._shapes[last]),
            others=tuple(others),
            sides=tuple(name for name in out if name != last),
        )
        return [part]

    def _read_outside(self, name: str, own: set[str]) -> bool:
        return any(self._nodes[number].name not in own for number in self._readers.get(name, ()))

    def _leaf(self, node: TracedNode) -> Leaf:
        entry = node.inputs[0] if node.inputs else NOTHING
        channels = channels_of(self._shapes[entry]) if node.inputs else 1
        return Leaf(node, self._arguments[node.name], channels, entry, self._order[node.name])
