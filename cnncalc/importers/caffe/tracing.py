"""Records the layers that Caffe's layers become; tracks blobs by name, since in-place layers rebind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.errors import Fault, LayerError, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.traced import UNKNOWN, TracedNode, shorten_name
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.symbolic import Relation, Size

Shape: TypeAlias = "tuple[Size, ...]"
PRODUCTS = frozenset({"conv", "conv_transpose", "linear"})
Handler: TypeAlias = "Callable[[Layer, Tracing], None]"


class UnsupportedError(Exception):
    """A Caffe layer that no layer here expresses; it becomes an `unknown` node with this reason.

    `output` is its output shape without the batch, and `params` its number of parameters, where they are known.
    """

    def __init__(self, reason: str, output: Shape | None = None, params: int | None = None) -> None:
        super().__init__(reason)
        self.output, self.params = output, params


class Tracing:
    """The layers traced so far, and the node that each blob currently refers to."""

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self.inputs = frozenset(inputs)
        self.nodes: list[TracedNode] = []
        self.shapes: dict[str, Shape] = dict(inputs)
        self.blobs = {name: name for name in inputs}  # blob → the node or input that it currently refers to
        self.unknown: dict[str, str] = {}  # type → reason
        self._owners: dict[tuple[str, ...], str] = {}  # names of the weights → the first node that has them

    def source(self, blob: str, layer: Layer) -> str:
        """Return the node that a blob refers to.

        Raises:
            SpecError: no earlier layer produces it.
        """
        if blob not in self.blobs:
            raise SpecError([Fault(f"{layer.who} reads '{blob}', which no earlier layer produces", layer.span)])
        return self.blobs[blob]

    def shape(self, layer: Layer, index: int = 0) -> Shape:
        """Return the shape of a bottom, without the batch.

        Raises:
            SpecError: the layer has fewer bottoms, or no earlier layer produces it.
        """
        if index >= len(layer.bottoms):
            raise SpecError([Fault(f"{layer.who} ({layer.kind}) reads nothing", layer.span, "write bottom: …")])
        return self.shapes[self.source(layer.bottoms[index], layer)]

    def layer(
        self, layer: Layer, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...] | None = None
    ) -> None:
        """Append the node for a layer of the net, and bind its tops to it."""
        self.shape(layer)
        read = sources or (self.source(layer.bottoms[0], layer),)
        names = _weight_names(layer, kind, arguments)
        if names and names not in self._owners and any(names[1] == other[1] for other in self._owners):
            reason = "it shares part of its weights with another layer"
            raise UnsupportedError(reason, self.output(kind, arguments, read, layer), _biases(kind, arguments))
        name = self.add(layer.name, kind, arguments, read, layer)
        owner = self._owners.setdefault(names, name) if names else name
        self.nodes[-1] = self.nodes[-1]._replace(
            shares=owner if owner != name else None, frozen=_frozen(layer, kind, arguments)
        )
        for top in layer.tops:
            self.blobs[top] = name

    def add(self, name: str, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...], layer: Layer) -> str:
        """Append a node; return its unique name.

        Raises:
            SpecError: our layer refuses these arguments or shapes.
        """
        output = self.output(kind, arguments, sources, layer)
        return self._emit(TracedNode(self._unique(name), kind, dict(arguments), sources, output))

    def output(self, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...], layer: Layer) -> Shape:
        """Return the output shape of one of our layers; raises as `add` does."""
        shapes = [self.shapes[source] for source in sources]
        try:
            return LAYERS[kind].make(arguments, rank_of(shapes)).output(shapes, _require)
        except LayerError as error:
            raise SpecError([Fault(f"{layer.who}: {error.message}", layer.span, error.hint)]) from None

    def add_unknown(self, layer: Layer, refused: UnsupportedError) -> None:
        """Append an `unknown` node with the output shape for each top of a layer without a rule."""
        self.unknown.setdefault(layer.kind, str(refused))
        shape = refused.output or self.shape(layer)
        sources = tuple(self.source(name, layer) for name in layer.bottoms)
        for top in layer.tops:
            arguments: dict[str, object] = {"op": layer.kind, "shape": list(shape)}
            if refused.params is not None:
                arguments["params"] = refused.params if top == layer.tops[0] else 0
            name = layer.name if len(layer.tops) == 1 else f"{layer.name}_{top}"
            self.blobs[top] = self._emit(TracedNode(self._unique(name), UNKNOWN, arguments, sources, shape))

    def gate_sources(self, layer: Layer) -> tuple[str, ...]:
        """Return the two bottoms of a product; a channel vector is reshaped to a feature map of one pixel."""
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
        stem = shorten_name(".".join(part for part in parts if part.strip("_")) or "layer")
        name, number = stem, 1
        while name in self.shapes:
            number += 1
            name = f"{stem}_{number}"
        return name


def _weight_names(layer: Layer, kind: str, arguments: Mapping[str, object]) -> tuple[str, ...] | None:
    """Return the names of a layer's weights: layers with the same `param { name: "w" }` share them (Siamese nets).

    A weight without a name is not shared: its name is made of the layer and its index.
    """
    names = [param.word("name") for param in layer.message.messages("param")][: _tensors(kind, arguments)]
    if kind not in PRODUCTS or not names or not names[0]:
        return None
    names += [""] * (_tensors(kind, arguments) - len(names))
    return (kind, *(name or f"{layer.name}:{place}" for place, name in enumerate(names)))


def _tensors(kind: str, arguments: Mapping[str, object]) -> int:
    """Return how many trainable tensors a layer has; statistics do not count."""
    return {"prelu": 1, "scale": 1}.get(kind, 0) + bool(arguments.get("bias")) + (kind in PRODUCTS)


def _biases(kind: str, arguments: Mapping[str, object]) -> int:
    size = arguments["out_features" if kind == "linear" else "out_channels"]
    return int(str(size)) if arguments["bias"] else 0


def _frozen(layer: Layer, kind: str, arguments: Mapping[str, object]) -> bool:
    """Return whether all weights are frozen: a learning rate of 0, as `lr_mult` or the older `blobs_lr`."""
    rates = [param.number("lr_mult", "1") for param in layer.message.messages("param")]
    rates = rates or layer.message.numbers("blobs_lr")
    number = _tensors(kind, arguments)
    return number > 0 and len(rates) >= number and not any(rates[:number])


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
