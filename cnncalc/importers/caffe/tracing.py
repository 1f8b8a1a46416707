"""Where Caffe's layers become ours: blobs by name, rebound by layers that work in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Fault, LayerError, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Relation, Size

Shape: TypeAlias = "tuple[Size, ...]"
PRODUCTS = frozenset({"conv", "conv_transpose", "linear"})
Handler: TypeAlias = "Callable[[Layer, Tracing], None]"


class UnsupportedError(Exception):
    """A layer that no layer here expresses; it becomes an unknown node with this reason.

    `leaves` is the shape that leaves it, and `learns` how many numbers it learns, where whoever refuses it knows.
    """

    def __init__(self, reason: str, leaves: Shape | None = None, learns: int | None = None) -> None:
        super().__init__(reason)
        self.leaves, self.learns = leaves, learns


class Tracing:
    """The layers found so far, and what every blob is now."""

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self.inputs = frozenset(inputs)
        self.nodes: list[TracedNode] = []
        self.shapes: dict[str, Shape] = dict(inputs)
        self.blobs = {name: name for name in inputs}  # blob → the node or input that it is now
        self.unknown: dict[str, str] = {}  # type → why
        self._owners: dict[tuple[str, ...], str] = {}  # what weights are called → the first node that has them

    def source(self, blob: str, layer: Layer) -> str:
        """The node that a blob is.

        Raises:
            SpecError: no layer before makes it.
        """
        if blob not in self.blobs:
            raise SpecError([Fault(f"{layer.name} reads '{blob}', which no earlier layer produces", layer.span)])
        return self.blobs[blob]

    def shape(self, layer: Layer, index: int = 0) -> Shape:
        """The shape of a bottom, without the batch.

        Raises:
            SpecError: the layer has not so many, or nothing makes it.
        """
        if index >= len(layer.bottoms):
            raise SpecError([Fault(f"{layer.name} ({layer.kind}) reads nothing", layer.span, "write bottom: …")])
        return self.shapes[self.source(layer.bottoms[index], layer)]

    def layer(
        self, layer: Layer, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...] | None = None
    ) -> None:
        """A layer of the net as one of ours; its top is what leaves."""
        self.shape(layer)
        read = sources or (self.source(layer.bottoms[0], layer),)
        called = _called(layer, kind, arguments)
        if called and called not in self._owners and any(called[1] == other[1] for other in self._owners):
            said = "it shares part of its weights with another layer"
            raise UnsupportedError(said, self.output(kind, arguments, read, layer), _biases(kind, arguments))
        name = self.add(layer.name, kind, arguments, read, layer)
        owner = self._owners.setdefault(called, name) if called else name
        self.nodes[-1] = self.nodes[-1]._replace(
            shares=owner if owner != name else None, frozen=_frozen(layer, kind, arguments)
        )
        for top in layer.tops:
            self.blobs[top] = name

    def add(self, name: str, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...], layer: Layer) -> str:
        """One node more; its name, which is unique.

        Raises:
            SpecError: our layer refuses what the net says.
        """
        output = self.output(kind, arguments, sources, layer)
        return self._emit(TracedNode(self._unique(name), kind, dict(arguments), sources, output))

    def output(self, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...], layer: Layer) -> Shape:
        """What leaves one of our layers; errors as for `add`."""
        shapes = [self.shapes[source] for source in sources]
        try:
            return LAYERS[kind].make(arguments, rank_of(shapes)).output(shapes, _require)
        except LayerError as error:
            raise SpecError([Fault(f"{layer.name}: {error.message}", layer.span, error.hint)]) from None

    def unmade(self, layer: Layer, refused: UnsupportedError) -> None:
        """A layer without a rule: an unknown node of the shape that leaves it, for each top."""
        self.unknown.setdefault(layer.kind, str(refused))
        shape = refused.leaves or self.shape(layer)
        sources = tuple(self.source(name, layer) for name in layer.bottoms)
        for top in layer.tops:
            arguments: dict[str, object] = {"op": layer.kind, "shape": list(shape)}
            if refused.learns is not None:
                arguments["params"] = refused.learns if top == layer.tops[0] else 0
            name = layer.name if len(layer.tops) == 1 else f"{layer.name}_{top}"
            self.blobs[top] = self._emit(TracedNode(self._unique(name), UNKNOWN, arguments, sources, shape))

    def gated(self, layer: Layer) -> tuple[str, ...]:
        """The two bottoms of a product, the second a vector of channels laid out as a map of one pixel."""
        first, second = (self.source(name, layer) for name in layer.bottoms)
        missing = len(self.shapes[first]) - len(self.shapes[second])
        if missing:
            shape = [*self.shapes[second], *[1] * missing]
            second = self.add(f"{layer.name}_reshape", "reshape", {"shape": shape}, (second,), layer)
        return first, second

    def _emit(self, node: TracedNode) -> str:
        self.nodes.append(node)
        self.shapes[node.name] = node.output
        return node.name

    def _unique(self, wanted: str) -> str:
        parts = [re.sub(r"\W+", "_", part) for part in wanted.split("/")]
        stem = ".".join(part for part in parts if part.strip("_")) or "layer"
        name, number = stem, 1
        while name in self.shapes:
            number += 1
            name = f"{stem}_{number}"
        return name


def _called(layer: Layer, kind: str, arguments: Mapping[str, object]) -> tuple[str, ...] | None:
    """What a layer calls its weights: `param { name: "w" }` of two layers are the same (Siamese nets).

    A weight without a name is of no other layer: it is called as the layer and its place.
    """
    names = [param.word("name") for param in layer.message.messages("param")][: _tensors(kind, arguments)]
    if kind not in PRODUCTS or not names or not names[0]:
        return None
    names += [""] * (_tensors(kind, arguments) - len(names))
    return (kind, *(name or f"{layer.name}:{place}" for place, name in enumerate(names)))


def _tensors(kind: str, arguments: Mapping[str, object]) -> int:
    """How many weights a layer keeps in blobs of its own; none where they are statistics."""
    return {"prelu": 1, "scale": 1}.get(kind, 0) + bool(arguments.get("bias")) + (kind in PRODUCTS)


def _biases(kind: str, arguments: Mapping[str, object]) -> int:
    size = arguments["out_features" if kind == "linear" else "out_channels"]
    return int(str(size)) if arguments["bias"] else 0


def _frozen(layer: Layer, kind: str, arguments: Mapping[str, object]) -> bool:
    """Whether no weight of it is learnt: each has a rate of 0, `lr_mult` or the older `blobs_lr`."""
    rates = [param.number("lr_mult", "1") for param in layer.message.messages("param")]
    rates = rates or [Fraction(word) for word in layer.message.words("blobs_lr")]
    number = _tensors(kind, arguments)
    return number > 0 and len(rates) >= number and not any(rates[:number])


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
