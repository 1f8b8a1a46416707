"""Models the backward pass: the spans of the gradients of activations and parameters.

Autograd visits the layers in reverse order. A layer passes on the gradient of its output if its input's is the same (a
view, a sum, the parts of a concatenation), and makes a new one otherwise. If a tensor has several readers, their
gradients are summed: in place if nothing else holds the first one, else into a new one.
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

SUMS_IN_PLACE = True  # PyTorch makes a new sum under a dispatch mode, as in our tests


def backward_step(nodes: int, index: int) -> int:
    """The step in which the backward pass computes a node; the next step sums its gradients to existing ones."""
    return nodes + 2 * (nodes - 1 - index)


def training_outputs(graph: Graph) -> list[str]:
    """The output tensors in training: those of the network, and the last of every training head."""
    return list(dict.fromkeys([*graph.outputs.values(), *graph.training_heads().values()]))


class Gradient:
    """The memory of one gradient: its first tensor, its numel, its span, and the number of holders."""

    __slots__ = ("first", "holders", "last", "name", "numbers")

    def __init__(self, name: str, numbers: Size, step: int) -> None:
        self.name, self.numbers, self.first, self.last = name, numbers, step, step
        self.holders = 0


class Gradients:
    """The gradients of one backward pass over a graph."""

    def __init__(self, graph: Graph, wanted: Mapping[str, Wanted | None], storages: Storages, width: int) -> None:
        self._width = width
        self._gradients: list[Gradient] = []
        self._held: dict[str, Gradient] = {}
        self._weight_gradients: dict[str, Span] = {}  # by the owner of the weights
        self._temporary: list[Span] = []  # temporary gradients of weights that are used again
        self.reached: dict[str, bool] = {}
        self._storages = storages
        self._shapes = {**graph.inputs, **{node.name: node.output for node in graph.nodes}}
        self._weights = {node.name for node in graph.nodes if is_weight(node)}
        self._last = 3 * len(graph.nodes)
        self._run(graph, wanted)

    def spans(self) -> list[Span]:
        """The spans of all gradients; those of parameters last to the end."""
        width = self._width
        activations = [Span(f"gradient of {g.name}", Load(g.numbers * width), g.first, g.last) for g in self._gradients]
        return [*activations, *self._weight_gradients.values(), *self._temporary]

    def _run(self, graph: Graph, wanted: Mapping[str, Wanted | None]) -> None:
        start = len(graph.nodes)
        for name in training_outputs(graph):
            if wanted.get(name) is not None:
                self._hold(name, self._new(name, start))
        for index in reversed(range(start)):
            node, step = graph.nodes[index], backward_step(start, index)
            gradient = self._held.pop(node.name, None)
            self.reached[node.name] = gradient is not None
            wants = wanted[node.name]
            if gradient is None or wants is None:
                continue
            self._propagate(node, wants, gradient, step)
            self._release(gradient, step)
            if wants.weights:
                self._add_weight_gradient(node, step)

    def _add_weight_gradient(self, node: Node, step: int) -> None:
        owner = node.shares or node.name
        again = owner in self._weight_gradients
        late = node.layer.late_gradients & node.weights.keys()
        span = f"gradients of {owner}'s"
        for names, first in ((node.weights.keys() - late, step), (late, step + 1)):
            size = Load(fixed=total(numel(node.weights[name]) for name in names) * self._width)
            if again:
                self._temporary.append(Span(f"{span} weights (second copy)", size, first, first))
            elif first == step:
                self._weight_gradients[owner] = Span(f"{span} weights", size, step, self._last)
            elif names:
                self._temporary.append(Span(f"{span} {', '.join(sorted(names))}", size, first, self._last))

    def _propagate(self, node: Node, wants: Wanted, gradient: Gradient, step: int) -> None:
        """Propagate a gradient to the inputs that need one."""
        for number, name in enumerate(node.inputs):
            if wants.inputs[number]:
                passes = name not in self._weights and _passes(node, number, self._storages)
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
        numbers = 0 if name in self._weights else numel(self._shapes[name])  # counted as a gradient of weights
        gradient = Gradient(name, numbers, step)
        self._gradients.append(gradient)
        return gradient

    def _hold(self, name: str, gradient: Gradient) -> None:
        gradient.holders += 1
        self._held[name] = gradient

    def _release(self, gradient: Gradient, step: int) -> None:
        gradient.holders -= 1
        gradient.last = max(gradient.last, step)


def _passes(node: Node, number: int, storages: Storages) -> bool:
    """Whether the gradient of an input is that of the output, or a part of it."""
    layer = node.layer
    if layer.passes_gradient(number, node.shapes, node.output):
        return True
    view = layer.reuses(training=True) in ("view", "laid out") and not layer.cuts  # a cut needs zeros for the rest
    return view and storages.owner[node.name] == storages.owner[node.inputs[0]]
