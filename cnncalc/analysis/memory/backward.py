"""The backward pass: gradients of activations and of parameters, from the step that makes them to the last that reads.

Autograd meets the layers in reverse order. A layer hands on the gradient that it got where its input's is the same (a
view, a sum, the parts of a concatenation), and makes a new one elsewhere. Where a tensor has several readers, their
gradients are summed: into the first of them where nobody else holds that one, into a new one otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.analysis.memory.liveness import Load, Span
from cnncalc.analysis.memory.storage import Storages, is_weight
from cnncalc.analysis.parameters import total
from cnncalc.graph import Graph, Node
from cnncalc.layers.saved import Wanted
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size

SUMS_IN_PLACE = True  # PyTorch sums anew where a dispatch mode looks on, as our tests do


def way_back(nodes: int, index: int) -> int:
    """The step in which the backward pass computes a node; in the next it sums what it brought to what was there."""
    return nodes + 2 * (nodes - 1 - index)


def results(graph: Graph) -> list[str]:
    """The tensors that leave in training: outputs, and the last of every training head."""
    return list(dict.fromkeys([*graph.outputs.values(), *graph.training_heads().values()]))


class Gradient:
    """One gradient's memory: whose it was first, how much, when made, and who holds it still."""

    __slots__ = ("first", "holders", "last", "name", "numbers")

    def __init__(self, name: str, numbers: Size, step: int) -> None:
        self.name, self.numbers, self.first, self.last = name, numbers, step, step
        self.holders = 0


class Gradients:
    """The gradients of one backward pass over a graph."""

    def __init__(self, graph: Graph, wanted: Mapping[str, Wanted | None], found: Storages, width: int) -> None:
        self._width = width
        self._made: list[Gradient] = []
        self._held: dict[str, Gradient] = {}
        self._learnt: dict[str, Span] = {}  # by the owner of the weights
        self._added: list[Span] = []  # gradients of weights that are used again: added, and gone
        self.reached: dict[str, bool] = {}
        self._found = found
        self._shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
        self._weights = {node.name for node in graph.nodes if is_weight(node)}
        self._last = 3 * len(graph.nodes)
        self._run(graph, wanted)

    def spans(self) -> list[Span]:
        """The memory of all gradients; those of parameters stay."""
        width = self._width
        activations = [Span(f"gradient of {g.name}", Load(g.numbers * width), g.first, g.last) for g in self._made]
        return [*activations, *self._learnt.values(), *self._added]

    def _run(self, graph: Graph, wanted: Mapping[str, Wanted | None]) -> None:
        start = len(graph.nodes)
        for name in results(graph):
            if wanted.get(name) is not None:
                self._hold(name, self._new(name, start))
        for index in reversed(range(start)):
            node, step = graph.nodes[index], way_back(start, index)
            gradient = self._held.pop(node.name, None)
            self.reached[node.name] = gradient is not None
            wants = wanted[node.name]
            if gradient is None or wants is None:
                continue
            self._through(node, wants, gradient, step)
            self._release(gradient, step)
            if wants.weights:
                self._learn(node, step)

    def _learn(self, node: Node, step: int) -> None:
        owner = node.shares or node.name
        size = Load(fixed=total(map(numel, node.weights.values())) * self._width)
        if owner in self._learnt:
            self._added.append(Span(f"gradients of {owner}'s weights (second copy)", size, step, step))
        else:
            self._learnt[owner] = Span(f"gradients of {owner}'s weights", size, step, self._last)

    def _through(self, node: Node, wants: Wanted, gradient: Gradient, step: int) -> None:
        """Hand a gradient on to the inputs that want one."""
        for number, name in enumerate(node.inputs):
            if wants.inputs[number]:
                passes = name not in self._weights and _passes(node, number, self._found)
                self._add(name, gradient if passes else self._new(name, step), step)

    def _add(self, name: str, more: Gradient, step: int) -> None:
        before = self._held.get(name)
        if before is None:
            self._hold(name, more)
            return
        if before.holders > 1 or not SUMS_IN_PLACE:
            summed = self._new(name, step + 1)
            self._release(before, step)
            self._hold(name, summed)
        before.last = max(before.last, step + 1)
        more.last = max(more.last, step + 1)

    def _new(self, name: str, step: int) -> Gradient:
        numbers = 0 if name in self._weights else numel(self._shapes[name])  # that is a gradient of weights, as such
        gradient = Gradient(name, numbers, step)
        self._made.append(gradient)
        return gradient

    def _hold(self, name: str, gradient: Gradient) -> None:
        gradient.holders += 1
        self._held[name] = gradient

    def _release(self, gradient: Gradient, step: int) -> None:
        gradient.holders -= 1
        gradient.last = max(gradient.last, step)


def _passes(node: Node, number: int, found: Storages) -> bool:
    """Whether an input's gradient is the output's, or a part of it."""
    layer = node.layer
    if layer.passes_gradient(number, node.shapes, node.output):
        return True
    view = layer.reuses(training=True) in ("view", "laid out") and not layer.cuts  # which puts zeros for the rest
    return view and found.owner[node.name] == found.owner[node.inputs[0]]
