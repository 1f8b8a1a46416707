"""The sizes of attention: how its inputs hold queries, keys and values, and which positions attend to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from cnncalc.errors import LayerError
from cnncalc.layers.layer import Require, Shape, text
from cnncalc.layers.routes import accept_all
from cnncalc.layers.saved import is_one
from cnncalc.layers.shapes import require_divisible
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size, relation_eq

Reads = Literal["scores", "offsets", "table"]
"""What a mask holds: a number per query and key, per query and offset, or a table that is looked up."""


class Fields(Protocol):
    """The fields of `attention` that decide its sizes."""

    num_heads: Size
    key_dim: Size | None
    attn_mask: str | None

    @property
    def kv_heads(self) -> Size:
        """The number of heads of keys and values."""

    @property
    def local(self) -> tuple[str, tuple[Size, ...]] | None:
        """The field that limits attention to some positions, with its numbers."""


class Heads(NamedTuple):
    """The sizes of one attention.

    `key` and `value` are numbers per head of a query or key and of a value. `sizes` and `key_sizes` are the spatial
    sizes of queries and keys, `extents` how many keys one query attends to along each axis,
    and `groups` how many groups of positions attend each among themselves.
    """

    key: Size
    value: Size
    sizes: Shape
    key_sizes: Shape
    extents: Shape
    groups: Shape

    @property
    def queries(self) -> Size:
        """The number of queries, Lq."""
        return numel(self.sizes)

    @property
    def keys(self) -> Size:
        """The number of keys per query, Lk."""
        return numel(self.extents)

    @property
    def rows(self) -> Size:
        """The number of queries that attend to the same keys."""
        return self.queries if self.extents == self.key_sizes else self.keys


def heads_of(layer: Fields, inputs: Sequence[Shape], require: Require = accept_all) -> Heads:
    """The sizes of an attention; raises LayerError where its inputs do not fit."""
    tensors = inputs[:-1] if layer.attn_mask is not None else inputs
    if not 1 <= len(tensors) <= 3:
        raise LayerError(f"attention reads one to three tensors, and the mask that attn_mask names; got {len(inputs)}")
    for shape in tensors:
        if not 2 <= len(shape) <= 4:
            hint = "a sequence of tokens is a map with one spatial axis: [channels, tokens]"
            raise LayerError(
                f"attention needs maps (channels and one to three spatial axes), got {text(shape)}", hint=hint
            )
    sizes, key_sizes = tensors[0][1:], tensors[-1][1:]
    if len(tensors) == 3:
        _require_same("keys and values of the same sizes", tensors[1][1:], key_sizes, require)
    if layer.local is not None:
        _require_same(f"queries and keys of the same sizes for {layer.local[0]}", sizes, key_sizes, require)
    key, value = _head_sizes(layer, tensors, require)
    return Heads(key, value, sizes, key_sizes, _extents(layer, key_sizes, require), _groups(layer, key_sizes))


def bias_rows(heads: Heads) -> Shape:
    """Along each axis, the queries of a table of offsets."""
    return heads.sizes if heads.extents == heads.key_sizes else heads.extents


def require_offsets(heads: Heads, require: Require) -> None:
    """Require no more queries than keys along each axis: query i stands at key i·⌈N/Nq⌉, at most the last."""
    rows = bias_rows(heads)
    message = f"got {text(heads.sizes)} and {text(heads.key_sizes)}"
    if len(rows) != len(heads.extents):
        message = f"attention: relative_bias needs queries and keys with as many axes, {message}"
        raise LayerError(message, field="relative_bias")
    message = f"attention: relative_bias needs no more queries than keys, {message}"
    for count, n in zip(rows, heads.extents, strict=True):
        if count != n:
            require(count <= n, lambda: LayerError(message, field="relative_bias"))


def offsets(heads: Heads) -> Size:
    """The number of offsets from a query to a key: the product of 2n − 1."""
    return numel(tuple(2 * n - 1 for n in heads.extents))


def mask_reads(layer: Fields, shape: Shape, heads: Heads, require: Require = accept_all) -> Reads:
    """How a mask of this shape is read; raises LayerError if it fits no way."""
    fault = _mask_fault(layer, shape, heads)
    if not 2 <= len(shape) <= 3:
        raise fault
    _require_one_or(shape[0], layer.num_heads, fault, require)
    if len(shape) == 2:
        return "table"
    _require_one_or(shape[1], heads.rows, fault, require)
    as_many = heads.keys in (heads.rows, shape[1])  # the rows are required to be as many as those of the mask
    if shape[2] != heads.keys and shape[1] != 1 and shape[2] == 2 * shape[1] - 1 and as_many:
        return "offsets"
    _require_one_or(shape[2], heads.keys, fault, require)
    return "scores"


def _mask_fault(layer: Fields, shape: Shape, heads: Heads) -> LayerError:
    h, rows, keys = layer.num_heads, heads.rows, heads.keys
    by_offset = f", by offset {text((h, rows, 2 * keys - 1))}" if rows == keys else ""
    expected = f"{text((h, rows, keys))}{by_offset}, or a table [{h}, n] to look up"
    return LayerError(f"attention: attn_mask must have the shape {expected}; got {text(shape)}", field="attn_mask")


def _require_one_or(size: Size, wanted: Size, fault: LayerError, require: Require) -> None:
    if not (isinstance(size, int) and size == 1) and size != wanted:
        require(relation_eq(size, wanted), lambda: fault)


def _require_same(what: str, one: Shape, other: Shape, require: Require) -> None:
    def fault() -> LayerError:
        return LayerError(f"attention needs {what}, got {text(one)} and {text(other)}")

    if len(one) != len(other):
        raise fault()
    for mine, its in zip(one, other, strict=True):
        if mine != its:
            require(relation_eq(mine, its), fault)


def _head_sizes(layer: Fields, tensors: Sequence[Shape], require: Require) -> tuple[Size, Size]:
    """The numbers per head of a key and of a value, from the channels of the inputs."""
    h, g, first, last = layer.num_heads, layer.kv_heads, tensors[0][0], tensors[-1][0]
    if len(tensors) > 1 and layer.key_dim is not None:
        message = "attention: key_dim is for a single input; here the channels of the first input give it"
        raise LayerError(message, field="key_dim", hint="leave it out")
    if len(tensors) == 1 and layer.key_dim is None:
        require_divisible("attention", first, "the channels of queries, keys and values", h + 2 * g, _PARTS, require)
        return first // (h + 2 * g), first // (h + 2 * g)
    if len(tensors) == 1:
        key = layer.key_dim
        assert key is not None
        return key, _value(first - (h + g) * key, "what key_dim leaves of the channels", g, require)
    require_divisible("attention", first, "the channels of the queries", h, "num_heads", require)
    key = first // h
    if len(tensors) == 2:
        return key, _value(last - g * key, "what the keys leave of the second input's channels", g, require)
    wanted = tensors[1][0]
    if wanted != g * key:
        message = f"attention: the keys have {wanted} channels, the queries {key} per head: {g * key} are needed"
        require(relation_eq(wanted, g * key), lambda: LayerError(message))
    return key, _value(last, "the channels of the values", g, require)


_PARTS = "num_heads + 2·num_kv_heads"


def _value(channels: Size, what: str, heads: Size, require: Require) -> Size:
    """The numbers per head of a value."""
    require(channels >= 1, lambda: LayerError(f"attention: {what} (={channels}) must be at least 1"))
    require_divisible("attention", channels, what, heads, "num_kv_heads", require)
    return channels // heads


def _extents(layer: Fields, sizes: Shape, require: Require) -> Shape:
    """Along each axis, the keys that one query attends to; the window, grid or dilation must divide the axis."""
    if layer.local is None:
        return sizes
    field, numbers = layer.local
    for size, number in zip(sizes, numbers, strict=True):
        rest = size % number
        if not (isinstance(rest, int) and rest == 0):
            require(relation_eq(rest, 0), lambda: _division_fault(field, sizes, numbers))
    if field == "dilation":
        return tuple(size // number for size, number in zip(sizes, numbers, strict=True))
    return numbers


def _groups(layer: Fields, sizes: Shape) -> Shape:
    """Along each axis, the number of groups; positions a dilation apart are as many as the dilation, at every size."""
    if layer.local is None:
        return tuple(1 for _ in sizes)
    field, numbers = layer.local
    return numbers if field == "dilation" else tuple(n // number for n, number in zip(sizes, numbers, strict=True))


def _division_fault(field: str, sizes: Shape, numbers: Shape) -> LayerError:
    """The fault of a window that does not divide the map, with the pad that makes it."""
    pads = ", ".join(f"[0, {-size % number}]" for size, number in zip(sizes, numbers, strict=True))
    hint = f"put `pad: {{padding: [{pads}]}}` before the layers that make queries, keys and values"
    message = f"attention: {field} {text(numbers)} must divide the map {text(sizes)}"
    return LayerError(message, field=field, hint=hint)


def is_regrouped(layer: Fields, heads: Heads) -> bool:
    """Whether groups of positions that attend among themselves are copied, rather than viewed."""
    if layer.local is None:
        return False
    spaced = layer.local[0] != "window"
    pairs = [(("group", axis), ("within", axis)) for axis in range(len(heads.sizes))]
    sizes = {("group", axis): n for axis, n in enumerate(heads.groups)}
    sizes |= {("within", axis): n for axis, n in enumerate(heads.extents)}
    before = [part for pair in pairs for part in (reversed(pair) if spaced else pair) if not is_one(sizes[part])]
    return before != sorted(before)
