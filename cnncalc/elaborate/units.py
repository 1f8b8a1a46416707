"""Units: what a walked level added to the graph, added again under other names instead of walking it anew.

A level with a frame of its own (a block, a named sequence) gives the same layers wherever the values it reads and the
shape that enters it are the same, unless it names a tensor outside. What it added is recorded as two sets of marks in
the lists of what was added, which are read only when it is first reused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import itemgetter
from typing import Any

from cnncalc.elaborate.frame import Frame, Model
from cnncalc.elaborate.left_out import Tally
from cnncalc.elaborate.limits import Budget, Spent
from cnncalc.elaborate.names import Names, Tensors
from cnncalc.elaborate.nodes import Nodes
from cnncalc.graph import Condition, Instance, Iteration, LeftOut, Node
from cnncalc.records import NamedTuple

_AFTER_INPUTS = Node._fields.index("inputs") + 1
_DEEPEST = 1 << 30  # deeper than any frame
_new_node = tuple.__new__


class _Marks(NamedTuple):
    """How much had been added when a level began or ended."""

    nodes: int
    names: int
    conditions: int
    instances: int
    outermost: int  # of the names that were resolved
    left_out: LeftOut  # when it ended: only by the level
    spent: Spent


class _Unit:
    """What the first walk of a level added."""

    def __init__(
        self, frame: Frame, entering: str, leaving: Tensors, values: object, begin: _Marks, end: _Marks
    ) -> None:
        self.frame = frame
        self.entering = entering
        self.leaving = leaving
        self.values = values  # kept alive, as their ids are in the key
        self.begin = begin
        self.end = end
        self.content: _Content | None = None


class _Content(NamedTuple):
    """The same, relative to the level: tensors are numbers, the nodes' in order and then the one that enters."""

    suffixes: tuple[str, ...]  # of the nodes' full names
    nodes: tuple[tuple[Any, ...], ...]  # layer, a function that picks its inputs, all other fields
    shared: tuple[tuple[int, int], ...]  # nodes with the weights of another
    outputs: tuple[Any, ...]
    names: tuple[tuple[str | None, int], ...]  # suffix of the name (None: of the node itself) and tensor
    conditions: tuple[tuple[Condition, int], ...]
    instances: tuple[tuple[str, Instance | Iteration], ...]
    leaving: tuple[int, ...]


class Units:
    """All units of one expansion, by what decides their content."""

    def __init__(
        self,
        nodes: Nodes,
        names: Names,
        budget: Budget,
        instances: list[tuple[str, Instance | Iteration]],
        left_out: Tally,
    ) -> None:
        self._nodes = nodes
        self._names = names
        self._budget = budget
        self._instances = instances
        self._left_out = left_out
        self._units: dict[Hashable, _Unit] = {}

    def identify(
        self, level: object, values: tuple[object, ...], weight: int, frame: Frame, entering: Tensors
    ) -> Hashable:
        """What decides the content of a level; None if more does: shared weights, tensors given by name, or several
        tensors that enter.

        Two lists count as equal only if they are one: to compare them costs as much as to evaluate them.
        """
        if len(entering) != 1 or frame.shares is not None or frame.spans or frame.tensors or frame.given:
            return None
        nodes = self._nodes
        keys = [(type(value), id(value) if type(value) is list else value) for value in values]
        return (id(level), weight, nodes.shapes[entering[0]], nodes.frozen, nodes.training, *keys)

    def begin(self) -> _Marks:
        """The marks at which a level begins."""
        outermost, self._names.outermost = self._names.outermost, _DEEPEST
        return _Marks(*self._lengths(), outermost, self._left_out.total, self._budget.begin())

    def end(
        self, begin: _Marks, key: Hashable, values: object, frame: Frame, entering: Tensors, leaving: Tensors
    ) -> None:
        """Record the level that began there, unless it reached outside."""
        spent, outermost = self._budget.end(begin.spent), self._names.outermost
        self._names.outermost = min(begin.outermost, outermost)
        if key is not None and outermost >= frame.depth:
            end = _Marks(*self._lengths(), outermost, self._left_out.since(begin.left_out), spent)
            self._units[key] = _Unit(frame, entering[0], leaving, values, begin, end)

    def reuse(self, key: Hashable, frame: Frame, entering: str) -> Tensors | None:
        """Add the content of an equal level under the names of this frame; its output, or None if there is none or a
        limit would be exceeded, which walking the level reports.
        """
        unit = self._units.get(key)
        if unit is None:
            return None
        content = unit.content = unit.content or self._read(unit)
        count, path, nodes = len(content.nodes), frame.path, self._nodes
        if not self._budget.spend(unit.end.spent, len(nodes.nodes) + count, len(path) - len(unit.frame.path)):
            return None
        tensors = (*[path + suffix for suffix in content.suffixes], entering)
        added = [
            _new_node(Node, (full, layer, inputs(tensors), *rest))
            for full, (layer, inputs, rest) in zip(tensors, content.nodes, strict=False)
        ]
        if nodes.called is not None:
            added = [node._replace(span=nodes.called) for node in added]
        for node, owner in content.shared:
            added[node] = added[node]._replace(shares=tensors[owner])
        nodes.emitted += added
        nodes.nodes.update(zip(tensors, added, strict=False))
        nodes.shapes.update(zip(tensors, content.outputs, strict=False))
        names = [
            (tensors[tensor] if suffix is None else path + suffix, tensors[tensor]) for suffix, tensor in content.names
        ]
        self._names.named.update(names)
        self._names.defined += [name for name, _ in names]
        nodes.conditions += [condition._replace(node=tensors[node]) for condition, node in content.conditions]
        self._instances += [(path + suffix, instance) for suffix, instance in content.instances]
        self._left_out.add(unit.end.left_out)
        frame.model = Model(unit.frame, unit.entering, entering)
        return tuple([tensors[tensor] for tensor in content.leaving])

    def _lengths(self) -> tuple[int, int, int, int]:
        return len(self._nodes.emitted), len(self._names.defined), len(self._nodes.conditions), len(self._instances)

    def _read(self, unit: _Unit) -> _Content:
        """What a level added, relative to it."""
        begin, end, start = unit.begin, unit.end, len(unit.frame.path)
        nodes = self._nodes.emitted[begin.nodes : end.nodes]
        place = {node.name: index for index, node in enumerate(nodes)}
        place[unit.entering] = len(nodes)
        named = [(name, place[self._names.named[name]]) for name in self._names.defined[begin.names : end.names]]
        return _Content(
            suffixes=tuple(node.name[start:] for node in nodes),
            nodes=tuple(
                (node.layer, _picker([place[name] for name in node.inputs]), node[_AFTER_INPUTS:]) for node in nodes
            ),
            outputs=tuple(node.output for node in nodes),
            shared=tuple((place[node.name], place[node.shares]) for node in nodes if node.shares is not None),
            names=tuple((None if place.get(name) == tensor else name[start:], tensor) for name, tensor in named),
            conditions=tuple((c, place[c.node]) for c in self._nodes.conditions[begin.conditions : end.conditions]),
            instances=tuple((name[start:], each) for name, each in self._instances[begin.instances : end.instances]),
            leaving=tuple(place[name] for name in unit.leaving),
        )


def _picker(indices: list[int]) -> Callable[[Tensors], Tensors]:
    """A function that picks these tensors."""
    if len(indices) > 1:
        return itemgetter(*indices)
    return itemgetter(slice(indices[0], indices[0] + 1) if indices else slice(0))
