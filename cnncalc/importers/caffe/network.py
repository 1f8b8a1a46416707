"""A prototxt's layers as Caffe runs them in a phase: both syntaxes, rules of inclusion, inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnncalc.errors import Fault, Span, SpecError
from cnncalc.importers.caffe.text import Message

NAMES = {"BNLL": "BNLL", "LRN": "LRN", "MVN": "MVN", "ELU": "ELU", "RELU": "ReLU", "PRELU": "PReLU", "TANH": "TanH"}
SEVERAL = {"INNER_PRODUCT": "InnerProduct", "ABSVAL": "AbsVal", "HDF5_DATA": "HDF5Data"}
DATA = frozenset({"Data", "ImageData", "HDF5Data", "WindowData", "MemoryData", "DummyData", "AnnotatedData", "Python"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its type by the newer name, what it reads and makes, its message."""

    kind: str
    name: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    message: Message

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.message.span

    @property
    def brings(self) -> bool:
        """Whether it brings data: a layer in Python does where it reads nothing."""
        return self.kind in DATA and not self.bottoms

    def parameters(self, prefix: str) -> Message:
        """`convolution_param` of a convolution."""
        return self.message.message(f"{prefix}_param")


def layers(net: Message, phase: str = "TEST") -> Iterator[Layer]:
    """The layers that are there in a phase, in their order.

    Raises:
        SpecError: one has no type.
    """
    older = net.messages("layers")
    for message in [*net.messages("layer"), *older]:
        if not _included(message, phase):
            continue
        kind = message.word("type")
        if not kind:
            raise SpecError([Fault("a layer without a type", message.span, 'write type: "Convolution"')])
        name = message.word("name")
        tops = tuple(message.words("top"))
        kind = newer(kind) if older else kind
        yield Layer(kind, name or (tops[0] if tops else ""), tuple(message.words("bottom")), tops, message)


def newer(kind: str) -> str:
    """The type as the newer syntax writes it: CONVOLUTION → Convolution, SOFTMAX_LOSS → SoftmaxWithLoss."""
    if not kind.isupper() or kind in ("LRN", "MVN", "ELU", "BNLL"):
        return kind
    if kind in NAMES or kind in SEVERAL:
        return NAMES.get(kind) or SEVERAL[kind]
    camel = "".join(part.capitalize() for part in kind.split("_"))
    return camel.replace("SoftmaxLoss", "SoftmaxWithLoss")


def _included(message: Message, phase: str) -> bool:
    """`include` says in which states of a net a layer is there, `exclude` in which it is not."""
    includes, excludes = message.messages("include"), message.messages("exclude")
    if includes:
        return any(_met(rule, phase) for rule in includes)
    return not any(_met(rule, phase) for rule in excludes)


def _met(rule: Message, phase: str) -> bool:
    """Whether a net in this phase, at level 0 and without stages is in the state of a rule (Caffe, net.cpp)."""
    levels = int(rule.word("min_level", "0")), int(rule.word("max_level", "0"))
    return rule.word("phase", phase).upper() == phase and levels[0] <= 0 <= levels[1] and not rule.words("stage")


def inputs(net: Message) -> dict[str, tuple[int, ...]]:
    """The inputs that the net declares itself, with the batch in front: `input` beside `input_dim` or `input_shape`.

    Raises:
        SpecError: sizes are missing, or no whole numbers.
    """
    names = net.words("input")
    shapes = [shape.whole("dim", 1, least=1) for shape in net.messages("input_shape")]
    if not shapes and net.all("input_dim"):
        flat = net.whole("input_dim", 1, least=1)
        shapes = [flat[i : i + 4] for i in range(0, len(flat), 4)]
    if len(shapes) < len(names):
        raise SpecError([Fault(f"the input '{names[len(shapes)]}' has no sizes", net.span, "write input_shape")])
    return dict(zip(names, map(tuple, shapes), strict=False))
