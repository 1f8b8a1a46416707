"""Lists the layers of a prototxt that Caffe runs in a phase: both syntaxes, inclusion rules, inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnncalc.errors import Fault, Span, SpecError
from cnncalc.importers.caffe.text import Message

NAMES = {"BNLL": "BNLL", "LRN": "LRN", "MVN": "MVN", "ELU": "ELU", "RELU": "ReLU", "PRELU": "PReLU", "TANH": "TanH"}
SEVERAL = {"INNER_PRODUCT": "InnerProduct", "ABSVAL": "AbsVal", "HDF5_DATA": "HDF5Data"}
DATA = frozenset({"Data", "ImageData", "HDF5Data", "WindowData", "MemoryData", "DummyData", "AnnotatedData", "Python"})
LONGEST_NAME = 60  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its type in the newer spelling, its bottoms and tops, its message."""

    kind: str
    name: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    message: Message

    @property
    def span(self) -> Span:
        """Return its place in the file."""
        return self.message.span

    @property
    def who(self) -> str:
        """Its name in a message; a long one is cut."""
        return self.name if len(self.name) <= LONGEST_NAME else f"{self.name[:LONGEST_NAME]}…"

    def parameters(self, prefix: str) -> Message:
        """Return the message of its parameters: `convolution_param` for the prefix `convolution`."""
        return self.message.message(f"{prefix}_param")


def layers(net: Message, phase: str = "TEST") -> Iterator[Layer]:
    """Yield the layers that are included in a phase, in order.

    Raises:
        SpecError: a layer has no type.
    """
    return (layer for layer in every_layer(net) if _is_included(layer.message, phase))


def every_layer(net: Message) -> Iterator[Layer]:
    """Yield the layers of all phases and stages, in order; raises as `layers` does."""
    older = net.messages("layers")
    for message in [*net.messages("layer"), *older]:
        kind = message.word("type")
        if not kind:
            raise SpecError([Fault("a layer without a type", message.span, 'write type: "Convolution"')])
        name = message.word("name")
        tops = tuple(message.words("top"))
        kind = newer_spelling(kind) if older else kind
        yield Layer(kind, name or (tops[0] if tops else ""), tuple(message.words("bottom")), tops, message)


def newer_spelling(kind: str) -> str:
    """Return a type in the newer spelling: CONVOLUTION → Convolution, SOFTMAX_LOSS → SoftmaxWithLoss."""
    if not kind.isupper() or kind in ("LRN", "MVN", "ELU", "BNLL"):
        return kind
    if kind in NAMES or kind in SEVERAL:
        return NAMES.get(kind) or SEVERAL[kind]
    camel = "".join(part.capitalize() for part in kind.split("_"))
    return camel.replace("SoftmaxLoss", "SoftmaxWithLoss")


def _is_included(message: Message, phase: str) -> bool:
    """Return whether a layer's `include` and `exclude` rules keep it in this phase."""
    includes, excludes = message.messages("include"), message.messages("exclude")
    if includes:
        return any(_is_met(rule, phase) for rule in includes)
    return not any(_is_met(rule, phase) for rule in excludes)


def _is_met(rule: Message, phase: str) -> bool:
    """Return whether a net in this phase, at level 0 and without stages meets a rule (Caffe, net.cpp)."""
    levels = rule.integer("min_level", 0), rule.integer("max_level", 0)
    return rule.word("phase", phase).upper() == phase and levels[0] <= 0 <= levels[1] and not rule.words("stage")


def inputs(net: Message) -> dict[str, tuple[int, ...]]:
    """Return the inputs that the net declares, batch included: `input` with `input_dim` or `input_shape`.

    Raises:
        SpecError: sizes are missing, or are not whole numbers.
    """
    names = net.words("input")
    shapes = [shape.whole("dim", 1, least=1) for shape in net.messages("input_shape")]
    if not shapes and net.all("input_dim"):
        flat = net.whole("input_dim", 1, least=1)
        shapes = [flat[i : i + 4] for i in range(0, len(flat), 4)]
    if len(shapes) < len(names):
        raise SpecError([Fault(f"the input '{names[len(shapes)]}' has no sizes", net.span, "write input_shape")])
    return dict(zip(names, map(tuple, shapes), strict=False))
