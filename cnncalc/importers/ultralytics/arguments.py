"""A row's arguments as the arguments of a block: scaled channels, flags, activations and words of Python."""

from __future__ import annotations

import re
from fractions import Fraction

from cnncalc.errors import Fault, Span, SpecError
from cnncalc.importers.ultralytics.library import CHANNELS, Definition
from cnncalc.importers.ultralytics.model import Model, Row
from cnncalc.importers.ultralytics.nodes import Built, build, word
from cnncalc.importers.ultralytics.scaling import Scaling
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.suggest import suggest

NOTHING = frozenset({"", "None", "null", "~"})
_TRUTHS = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false"}
_CALL = r"(?:torch\.)?(?:nn\.)?(\w+)(?:\(([^()]*)\))?"
ACTIVATIONS = {
    "SiLU": "silu",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
    "Mish": "mish",
    "ELU": "elu",
    "SELU": "selu",
    "CELU": "celu",
    "PReLU": "prelu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Identity": "identity",
}

SIZES = frozenset({"kernel_size", "kernel_sizes", "stride", "padding"})  # may be lists
COUNTS = SIZES | frozenset(
    {
        "groups", "dilation", "hidden", "inner", "out", "depth", "times", "masks", "classes", "embed", "guide",
        "num_heads", "feed_forward", "dim", "queries", "points", "layers", "angles",
    }
)  # fmt: skip
FLAGS = frozenset(
    {"shortcut", "c3k", "attention", "large_kernel", "light", "first", "with_norm", "identity_norm", "normalized"}
)


def is_nothing(node: Node) -> bool:
    """Whether an argument is None."""
    return isinstance(node, Scalar) and not node.quoted and node.text in NOTHING


def activation(text: str, span: Span) -> str:
    """The layer, or the block of the library, for an activation as Python writes it: `nn.LeakyReLU(0.1)`.

    Raises:
        SpecError: there is none.
    """
    match = re.fullmatch(_CALL, text.strip()[:80])
    kind = ACTIVATIONS.get(match[1]) if match else None
    if match is None or kind is None:
        hint = suggest(match[1] if match else text[:40], list(ACTIVATIONS), "for example nn.SiLU()")
        raise SpecError([Fault(f"unknown activation '{text[:40]}'", span, hint)])
    slope = re.fullmatch(r"(?:negative_slope\s*=\s*)?0?\.10*(?:\s*,.*)?", (match[2] or "").strip())
    return "leaky" if kind == "leaky_relu" and slope else kind


def value(node: Node) -> Node:
    """An argument in the words of a spec: `True` is true, a name of Python is its text."""
    if isinstance(node, Scalar) and not node.quoted and node.text in _TRUTHS:
        return word(_TRUTHS[node.text], node.span)
    if isinstance(node, Scalar) and node.text.startswith("("):  # a tuple of Python, which YAML reads as text
        return _tuple(node)
    if isinstance(node, Sequence):
        return Sequence([value(each) for each in node.items], node.span, node.flow)
    if isinstance(node, Mapping):
        raise SpecError([Fault("expected a value, got a mapping", node.span, "arguments are given by their places")])
    return node


def _tuple(node: Scalar) -> Node:
    parts = [part.strip() for part in node.text.strip("()").split(",")]
    return Sequence([word(part, node.span) for part in parts if part], node.span, True)


def bind(definition: Definition, row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
    """The arguments of a block, by name, that the arguments of a row are.

    Raises:
        SpecError: there are too many or too few, or one is not of its kind.
    """
    names = definition.arguments
    if len(row.args) > len(names):
        takes = f"it takes {', '.join(names) or 'no arguments'}"
        raise SpecError([Fault(f"{row.name} takes at most {len(names)} arguments", row.args[len(names)].span, takes)])
    bound: dict[str, Built] = {}
    for name, node in zip(names, row.args, strict=False):
        if name == "dilation" and _names_activation(node):  # of YOLOv7's Conv, which has no dilation
            name = "activation"
        if not is_nothing(node):
            bound[name] = _argument(name, node, definition, model, scaling)
    missing = [name for name in names if name in definition.required and name not in bound]
    if missing:
        hint = f"its arguments are [{', '.join(names)}]"
        raise SpecError([Fault(f"{row.name} needs {' and '.join(missing)}", row.module.span, hint)])
    return _padded(bound) if definition.text else bound


def _names_activation(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.text.startswith("nn.") or node.text in _TRUTHS)


def _argument(name: str, node: Node, definition: Definition, model: Model, scaling: Scaling) -> Built:
    node = value(node)
    if name == CHANNELS:
        return channels(node, model, scaling, definition.name)
    if name == "activation":
        text = node.text if isinstance(node, Scalar) else ""
        if text in ("true", "false"):
            return word("act" if text == "true" else "identity", node.span)
        return word(activation(text, node.span), node.span)
    if name == "anchors":
        return build(anchors(node, model), node.span)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.text == "kpt_shape":
            return keypoints(model, node.span)
        if definition.text and node.text != "nc":  # of the library, whose blocks take no other words
            message = f"{definition.name}: {name}: expected a number, got '{node.text[:40]}'"
            raise SpecError([Fault(message, node.span, f"its arguments are [{', '.join(definition.arguments)}]")])
    return _checked(name, node, definition) if definition.text else node


def _checked(name: str, node: Node, definition: Definition) -> Node:
    """An argument of a block of the library, of the sort that it takes: the block's own expressions stay unseen."""
    entries = node.items if isinstance(node, Sequence) and name in SIZES else [node]
    if name in COUNTS and not (isinstance(node, Scalar) and node.text == "nc"):
        least = 0 if name == "padding" else 1
        for entry in entries:
            number = entry.value if isinstance(entry, Scalar) else None
            if isinstance(number, bool) or not isinstance(number, int | Fraction) or number < least or number % 1:
                message = f"{definition.name}: {name}: expected a whole number of at least {least}"
                raise SpecError([Fault(message, entry.span, f"its arguments are [{', '.join(definition.arguments)}]")])
    if name in FLAGS and isinstance(node, Scalar) and not isinstance(node.value, bool | str):
        return word("true" if node.value else "false", node.span)  # Python takes 1 for true
    if name == "keypoints" and not (isinstance(node, Sequence) and len(node.items) == 2):
        raise SpecError([Fault("expected keypoints and numbers of each", node.span, "for example [17, 3]")])
    return node


def channels(node: Node, model: Model, scaling: Scaling, what: str) -> Built:
    """A number of channels, scaled unless it is that of the classes."""
    if isinstance(node, Scalar) and node.text == "nc":
        return node
    number = node.value if isinstance(node, Scalar) else None
    if isinstance(number, bool) or not isinstance(number, int | Fraction):
        raise SpecError([Fault(f"{what}: expected a number of channels", node.span, "for example [64, 3, 2]")])
    if number == model.whole("nc", 80):
        return node
    return build(scaling.channels(number, node.span), node.span)


def anchors(node: Node, model: Model) -> int:
    """The number of anchors that an argument stands for."""
    if isinstance(node, Sequence) and node.items and isinstance(node.items[0], Sequence):
        return max(1, len(node.items[0].items) // 2)
    number = node.value if isinstance(node, Scalar) else None
    return number if type(number) is int and number > 0 else model.anchors


def keypoints(model: Model, span: Span) -> Built:
    """The key `kpt_shape`: how many keypoints, and how many numbers each."""
    entry = model.keys.get("kpt_shape")
    return value(entry[1]) if entry else build([17, 3], span)


def _padded(bound: dict[str, Built]) -> dict[str, Built]:
    """The same with the padding that keeps the size, where the default of a block does not compute it."""
    sizes, dilation = bound.get("kernel_size"), bound.get("dilation")
    numbers = [each.value for each in sizes.items if isinstance(each, Scalar)] if isinstance(sizes, Sequence) else []
    if "padding" in bound or "kernel_size" not in bound:
        return bound
    if numbers and all(type(number) is int for number in numbers):
        return {**bound, "padding": [number // 2 for number in numbers if isinstance(number, int)]}
    one = getattr(dilation, "value", 1)
    if "dilation" in bound and one != 1 and isinstance(sizes, Scalar) and type(sizes.value) is int and type(one) is int:
        return {**bound, "padding": (one * (sizes.value - 1) + 1) // 2}
    return bound
