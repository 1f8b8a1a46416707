"""Tries other layers in a graph: infers only what changes behind them, and remembers what was seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from cnncalc.budget import spend
from cnncalc.elaborate.inference import Inference, Inferred
from cnncalc.errors import LayerError
from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Layer, Shape

MOST_STEPS = 200_000  # layers inferred for all trials in one graph; trials beyond are refused
STEPS_PER_LAYER = 15  # of the budget
MOST_LIVE = 32  # changed tensors that one state may hold to be remembered

_State = tuple[int, frozenset[tuple[str, Shape]]]


class Exchange:
    """Trials of layers in the place of others. Many in one graph cost little more than one where layers repeat.

    What happens behind a place depends on the changed tensors that are still to be read there alone. Such states are
    remembered, so that a trial ends where it meets the state of an earlier one.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.places = {node.name: place for place, node in enumerate(graph.nodes)}
        self._inference = Inference()
        self._readers: dict[str, list[int]] = {}
        for place, node in enumerate(graph.nodes):
            for name in node.inputs:
                self._readers.setdefault(name, []).append(place)
        self._known: dict[_State, bool] = {}
        self.steps = 0

    def node(self, name: str) -> Node:
        """The node of this name."""
        return self.nodes[self.places[name]]

    def try_layer(self, name: str, layer: Layer) -> Node | None:
        """The node with another layer; None where it, or a layer behind it, does not accept its inputs."""
        node = self.node(name)
        try:
            inferred = self._inference.infer(layer, node.shapes)
        except LayerError:
            return None
        changed = node._replace(layer=layer, output=inferred.output, weights=inferred.weights, buffers=inferred.buffers)
        return changed if self._is_accepted(self.places[name], node, inferred) else None

    def _is_accepted(self, place: int, node: Node, inferred: Inferred) -> bool:
        """Whether all layers behind a changed one accept what now enters them."""
        trial = _Trial(self._readers)
        trial.change(node, inferred)
        seen: list[_State] = []
        accepted = True
        while accepted and (place := trial.next_place()) >= 0:
            state = trial.state(place)
            if state in self._known:
                accepted = self._known[state]
                break
            if state is not None:
                seen.append(state)
            self.steps += 1
            spend(STEPS_PER_LAYER, "trying fixes")
            if self.steps > MOST_STEPS:
                return False
            node = self.nodes[place]
            try:
                inferred = self._inference.infer(trial.layer(node), trial.entering(node))
            except LayerError:
                accepted = False
                break
            trial.forget(place, node)
            if inferred.output != node.output or inferred.further:
                trial.change(node, inferred)
        self._known.update(dict.fromkeys(seen, accepted))
        return accepted


class _Trial:
    """The changed tensors of one trial, and the places that read them."""

    def __init__(self, readers: Mapping[str, Sequence[int]]) -> None:
        self._readers = readers
        self._live: dict[str, Shape] = {}
        self._further: dict[str, Mapping[str, Shape]] = {}
        self._waiting: list[int] = []

    def change(self, node: Node, inferred: Inferred) -> None:
        """Note what leaves a changed node, and that its readers have to be inferred again."""
        readers = self._readers.get(node.name, ())
        if readers:
            self._live[node.name] = inferred.output
        if inferred.further:
            self._further[node.name] = inferred.further
        for place in readers:
            heappush(self._waiting, place)

    def next_place(self) -> int:
        """Return the first place that reads a changed tensor, once; -1 when there is none."""
        if not self._waiting:
            return -1
        place = heappop(self._waiting)
        while self._waiting and self._waiting[0] == place:
            heappop(self._waiting)
        return place

    def state(self, place: int) -> _State | None:
        """Return what decides all that follows; None if it is too large to be remembered."""
        return None if self._further or len(self._live) > MOST_LIVE else (place, frozenset(self._live.items()))

    def layer(self, node: Node) -> Layer:
        """Return the layer of a node; a further output has the shape that its layer now gives it."""
        layer, further = node.layer, self._further.get(node.inputs[0])
        if further and isinstance(layer, FurtherOutput):
            return FurtherOutput(name=layer.name, shape=further[layer.name])
        return layer

    def entering(self, node: Node) -> tuple[Shape, ...]:
        """Return the shapes that now enter a node."""
        pairs = zip(node.inputs, node.shapes, strict=True)
        return tuple(self._live.get(name, shape) for name, shape in pairs)

    def forget(self, place: int, node: Node) -> None:
        """Drop the tensors that no later place reads."""
        for name in node.inputs:
            if name in self._live and self._readers[name][-1] == place:
                del self._live[name]
