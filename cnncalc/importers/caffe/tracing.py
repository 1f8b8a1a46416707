"""Where Caffe's layers become ours: blobs by name, rebound by layers that work in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.errors import Fault, LayerError, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Relation, Size

Shape: TypeAlias = "tuple[Size, ...]"
Handler: TypeAlias = "Callable[[Layer, Tracing], None]"


class UnsupportedError(Exception):
    """A layer that no layer here expresses; it becomes an unknown node with this reason."""


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
            raise SpecError([Fault(f"{layer.name} reads '{blob}', which no layer before it makes", layer.span)])
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
        name = self.add(layer.name, kind, arguments, read, layer)
        owner = self._owners.setdefault(_shared(layer, kind, arguments) or (name,), name)
        if owner != name:
            self.nodes[-1] = self.nodes[-1]._replace(shares=owner)
        for top in layer.tops:
            self.blobs[top] = name

    def add(self, name: str, kind: str, arguments: Mapping[str, object], sources: tuple[str, ...], layer: Layer) -> str:
        """One node more; its name, which is unique.

        Raises:
            SpecError: our layer refuses what the net says.
        """
        shapes = [self.shapes[source] for source in sources]
        try:
            made = LAYERS[kind].make(arguments, len(shapes[0]) - 1)
            output = made.output(shapes, _require)
        except LayerError as error:
            raise SpecError([Fault(f"{layer.name}: {error.message}", layer.span, error.hint)]) from None
        return self._emit(TracedNode(self._unique(name), kind, dict(arguments), sources, output))

    def unmade(self, layer: Layer, reason: str) -> None:
        """A layer without a rule: an unknown node of the shape that enters, for each top."""
        self.unknown.setdefault(layer.kind, reason)
        shape = self.shape(layer)
        sources = tuple(self.source(name, layer) for name in layer.bottoms)
        for top in layer.tops:
            arguments = {"op": layer.kind, "shape": list(shape)}
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


def _shared(layer: Layer, kind: str, arguments: Mapping[str, object]) -> tuple[str, ...] | None:
    """What a layer calls its weights, all of them: `param { name: "w" }` of two layers are the same (Siamese nets)."""
    if kind not in ("conv", "conv_transpose", "linear"):
        return None
    names = [param.word("name") for param in layer.message.messages("param")][: 1 + bool(arguments["bias"])]
    return (kind, *names) if len(names) == 1 + bool(arguments["bias"]) and all(names) else None


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
