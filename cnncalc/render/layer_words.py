"""Describes a layer: its kind and the arguments that differ from their defaults, as in `conv 11×11, 96, stride 4`."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from cnncalc.graph import Node
from cnncalc.layers.fields import Factor, Label, Padding, PerAxis
from cnncalc.layers.layer import MISSING, Argument, Layer
from cnncalc.quantities.decimals import short_decimal
from cnncalc.quantities.sizes import alike, listed, size_text, times
from cnncalc.symbolic import Expr

MOST_JOINED, WIDEST_JOINED = 4, 52  # names in a row of a table; their letters, unless these are only two
BARE = ("kernel_size", "out_channels")  # shown without their names, in this order


def layer_words(node: Node) -> str:
    """Describe the layer of a node: `conv 11×11, 96, stride 4`."""
    rank = len(node.shapes[0]) - 1 if node.shapes else 0
    return _layer_text(node.layer, rank)


def row_words(node: Node) -> str:
    """Describe the layer of a row in a table: as `layer_words`, and what it joins: `add of conv2, shortcut.conv1`."""
    return f"{layer_words(node)} of {joined_words(node)}" if joins(node) else layer_words(node)


def joins(node: Node) -> bool:
    """Whether a layer computes with several tensors; one that is given by `like` only lends its size."""
    return len(node.inputs) > 1 and node.layer.__dict__.get("like") is None


def joined_words(node: Node) -> str:
    """The first tensors that a layer joins, by their names within its block, and how many more there are."""
    return source_words(node.name, node.inputs)


def source_words(path: str, tensors: Iterable[str]) -> str:
    """The first of the tensors that a layer or block reads, by their names within its block, and how many more."""
    level = path.rpartition(".")[0]
    prefixes = (f"{path}.", f"{level}." if level else "")
    names = [next((name[len(p) :] for p in prefixes if p and name.startswith(p)), name) for name in tensors]
    texts = (listed(names, most) for most in range(MOST_JOINED, 1, -1))
    return next((text for text in texts if len(text) <= WIDEST_JOINED), listed(names, 2))


@lru_cache(maxsize=4096)
def _layer_text(layer: Layer, rank: int) -> str:
    values = _explicit_fields(layer, rank)
    bare = BARE if layer.natural is None or layer.natural in BARE else (layer.natural,)
    texts = [value_words(layer, name, values.pop(name)) for name in bare if name in values]
    labels = [name for name in values if isinstance(layer.arguments[name].accepts, Label)]
    texts += [str(values.pop(name)) for name in labels]
    texts += [_argument_text(layer, name, value) for name, value in values.items()]
    return f"{layer.kind} {', '.join(texts)}" if texts else layer.kind


def _explicit_fields(layer: Layer, rank: int) -> dict[str, object]:
    """Field name → value for the fields that differ from their defaults; kernel and channels are always included."""
    own = layer.__dict__
    return {
        name: own[name]
        for name in layer.arguments
        if own[name] is not None and name not in layer.derived
        if name in BARE or own[name] != _default(layer.arguments[name], rank)
    }


@lru_cache(maxsize=1024)
def _default(argument: Argument, rank: int) -> object:
    if argument.default is None or argument.default is MISSING:
        return argument.default
    return argument.accepts.convert(argument.default, rank)


def _argument_text(layer: Layer, name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return f"{name} {value_words(layer, name, value)}"


def value_words(layer: Layer, name: str, value: object) -> str:
    """Format the value of a field: 3×3, 2, [1, 2]."""
    if not isinstance(value, tuple):
        return _number_text(value)
    accepts = layer.arguments[name].accepts
    if not isinstance(accepts, PerAxis | Factor | Padding):
        table = any(isinstance(entry, tuple) for entry in value)
        return f"of {len(value)} rows" if table else f"[{', '.join(map(_number_text, value))}]"
    texts = [_pair_text(entry) if isinstance(entry, tuple) else _number_text(entry) for entry in value]
    return times(texts) if "size" in name else alike(texts)


def _pair_text(pair: tuple[object, ...]) -> str:
    low, high = pair
    return _number_text(low) if low == high else f"[{_number_text(low)}, {_number_text(high)}]"


def _number_text(value: object) -> str:
    if isinstance(value, Fraction):
        return short_decimal(value)
    return size_text(value) if isinstance(value, int | Expr) else str(value)
