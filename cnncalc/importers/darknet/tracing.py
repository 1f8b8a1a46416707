"""Records the layers that Darknet's layers become: each section may give several, and leaves one tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Fault, LayerError, SpecError
from cnncalc.importers.darknet.sections import Section
from cnncalc.importers.traced import UNKNOWN, TracedNode
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import rank_of
from cnncalc.suggest import suggest
from cnncalc.symbolic import Relation, Size

Shape: TypeAlias = "tuple[Size, ...]"
Handler: TypeAlias = "Callable[[Section, Tracing], None]"

INPUT, CONSTANT = "input", "constant"
# Darknet's name for an activation: ours, with its fields. Source: darknet, activations.h.
ACTIVATIONS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "logistic": ("sigmoid", {}),
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leaky": ("leaky_relu", {"negative_slope": Fraction(1, 10)}),
    "relie": ("leaky_relu", {"negative_slope": Fraction(1, 100)}),
    "swish": ("silu", {}),
    "mish": ("mish", {}),
    "tanh": ("tanh", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {}),
    "hardtan": ("hardtanh", {}),
}
UNLIKE = frozenset({"loggy", "ramp", "plse", "stair", "lhtan", "hard_mish", "norm_chan", "norm_chan_softmax"})


class Tracing:
    """The layers traced so far, and the tensor that leaves each section."""

    def __init__(self, shape: Shape) -> None:
        self.nodes: list[TracedNode] = []
        self.shapes: dict[str, Shape] = {INPUT: shape}
        self.leaving: list[str] = []  # by section
        self.outputs: dict[str, str] = {}
        self.unknown: dict[str, str] = {}  # section type → reason
        self.notes: dict[str, None] = {}
        self._parts = 0

    @property
    def running(self) -> str:
        """The tensor that flows into the next section."""
        return self.leaving[-1] if self.leaving else INPUT

    def shape(self, tensor: str | None = None) -> Shape:
        """The shape of a tensor, by default of the one that flows in."""
        return self.shapes[self.running if tensor is None else tensor]

    def channels(self, section: Section) -> Size:
        """The channels of the map that flows in.

        Raises:
            SpecError: a vector flows in.
        """
        if len(self.shape()) != 3:
            raise SpecError([Fault(f"[{section.kind}] needs a map, but a vector flows in", section.span)])
        return self.shape()[0]

    def earlier(self, section: Section, key: str, number: int) -> str:
        """The tensor that leaves a layer, given by its number, or, if negative, by how many layers before this one.

        Raises:
            SpecError: there is no such layer before this one.
        """
        index = number if number >= 0 else section.number + number
        if not 0 <= index < len(self.leaving):
            option = section.options.get(key)
            last = f"0 to {section.number - 1}" if section.number else "none"
            message = f"{key}: there is no layer {index} before this one, layer {section.number}"
            raise SpecError([Fault(message, option.span if option else section.span, f"earlier layers: {last}")])
        return self.leaving[index]

    def add(
        self, section: Section, kind: str, arguments: Mapping[str, object], *sources: str, shares: str | None = None
    ) -> str:
        """Append one of our layers; the tensor that leaves it. A constant reads nothing.

        Raises:
            SpecError: our layer refuses these fields or shapes.
        """
        read = sources or (() if kind == CONSTANT else (self.running,))
        shapes = [self.shapes[source] for source in read]
        try:
            output = LAYERS[kind].make(arguments, rank_of(shapes)).output(shapes, _require)
        except LayerError as error:
            message = f"layer {section.number}, [{section.kind}]: {error.message}"
            raise SpecError([Fault(message, section.span, error.hint)]) from None
        name = self._name(section, kind)
        return self._emit(TracedNode(name, kind, dict(arguments), read, output, shares=shares))

    def add_unknown(
        self, section: Section, reason: str, shape: Shape, *sources: str, params: int = 0, macs: int | None = None
    ) -> str:
        """Append an `unknown` for what no layer of ours does."""
        self.unknown.setdefault(section.kind, reason)
        arguments: dict[str, object] = {"op": section.kind, "shape": list(shape), "params": params}
        if macs is not None:
            arguments["macs"] = macs
        node = TracedNode(self._name(section, UNKNOWN), UNKNOWN, arguments, sources or (self.running,), shape)
        return self._emit(node)

    def activate(self, section: Section, tensor: str, default: str = "linear") -> str:
        """The tensor after a section's activation."""
        word = section.word("activation", default)
        if word in ACTIVATIONS:
            kind, arguments = ACTIVATIONS[word]
            return self.add(section, kind, arguments, tensor)
        if word in UNLIKE or word.startswith("norm_chan"):
            self.unknown[word] = "an activation that no layer has"
            arguments = {"op": word, "shape": list(self.shapes[tensor]), "params": 0, "macs": 0}
            name = self._name(section, UNKNOWN)
            return self._emit(TracedNode(name, UNKNOWN, arguments, (tensor,), self.shapes[tensor]))
        if word != "linear":
            option = section.options["activation"]
            known = [*ACTIVATIONS, *sorted(UNLIKE), "linear"]
            hint = suggest(word, known, f"one of {', '.join(known)}")
            raise SpecError([Fault(f"activation: unknown activation '{word[:40]}'", option.span, hint)])
        return tensor

    def flat(self, section: Section) -> str:
        """What flows in, as a vector."""
        return self.add(section, "flatten", {}) if len(self.shape()) > 1 else self.running

    def leave(self, tensor: str) -> None:
        """End a section: this tensor leaves it."""
        self.leaving.append(tensor)
        self._parts = 0

    def _name(self, section: Section, kind: str) -> str:
        """The name of a node: that of its layer, and its own within it."""
        self._parts += 1
        return f"layer{section.number}.{self._parts}_{kind}"

    def _emit(self, node: TracedNode) -> str:
        self.nodes.append(node)
        self.shapes[node.name] = node.output
        return node.name


def _require(holds: bool | Relation, why: Callable[[], LayerError]) -> None:
    if holds is False:
        raise why()
