"""Attention, without the layers that make its queries, keys and values: softmax(q·kᵀ/√d + b)·v."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Choice, Count, Flag, Number, PerAxis, Reference
from cnncalc.layers.heads import Heads, heads_of, mask_reads, offsets, require_offsets
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg
from cnncalc.layers.memory_order import Order, Orders, channels_last, is_filled_channels_last
from cnncalc.layers.operations import NOTHING, Operations, affine, cost_of_normalizing, cost_of_sums, softmax
from cnncalc.layers.reading import PAST, WHOLE, Axis, Blocks, Every, Route, Routes, Slide
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import Saved, Wanted
from cnncalc.layers.saved_attention import Keeping
from cnncalc.layers.shapes import require_divisible
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, minimum


class Attention(Layer):
    """Softmax(q·kᵀ/√d + b)·v, over all positions or within windows (Vaswani et al., arXiv:1706.03762).

    Queries, keys and values are made by the layers before it. They come as one input (q, k, v in its channels), as two
    (q; k and v) or as three. Windows and shifts: Liu et al., arXiv:2103.14030; grids: Tu et al., arXiv:2204.01697.
    """

    kind: ClassVar[str] = "attention"
    natural: ClassVar[str | None] = "num_heads"
    inputs: ClassVar[tuple[int, int | None]] = (1, 4)
    attends: ClassVar[bool] = True
    fuses: ClassVar[bool] = True
    """Whether PyTorch's fused kernel may run it."""
    positions: ClassVar[Positions] = "kept"

    num_heads: Size = arg(Count("number of heads, among which the channels are divided"))
    num_kv_heads: Size | None = arg(Count("number of heads of keys and values, a divisor of num_heads"), None)
    key_dim: Size | None = arg(Count("numbers per head of a query or key, where one input holds all three"), None)
    packing: str = arg(
        Choice("order of q, k, v in the channels of one input: one after another, or head by head", ("parts", "heads")),
        "parts",
    )
    window: tuple[Size, ...] | None = arg(PerAxis("size of the windows within which positions attend"), None)
    shift: tuple[Size, ...] = arg(PerAxis("rows by which the windows are shifted", least=0), 0)
    grid: tuple[Size, ...] | None = arg(PerAxis("number of evenly spaced positions that attend to each other"), None)
    dilation: tuple[Size, ...] | None = arg(PerAxis("distance of the positions that attend to each other"), None)
    relative_bias: str = arg(
        Choice("learned number per head and offset, or absolute offset, of a key", ("none", "offset", "distance")),
        "none",
    )
    attn_mask: str | None = arg(Reference("tensor added to the scores before softmax"), None)
    qk_norm: str = arg(
        Choice("normalization of every query and key over its head", ("none", "layernorm", "rmsnorm", "l2")), "none"
    )
    scale: str = arg(Choice("factor of the scores: 1/√d, or learned for every head", ("fixed", "learnt")), "fixed")
    rotary: bool = arg(Flag("turn queries and keys by their position (arXiv:2104.09864)"), False)
    prefix_tokens: Size = arg(Count("tokens in front that rotary leaves as they are", least=0), 0)
    is_causal: bool = arg(Flag("attend only to keys up to the query's own place"), False)
    dropout: int | Fraction = arg(Number("fraction of the weights of values that is dropped in training", 0, 1), 0)

    @property
    def takes(self) -> tuple[int, int | None]:
        """One to three tensors, and the mask."""
        return (1, 3) if self.attn_mask is None else (2, 4)

    @property
    def kv_heads(self) -> Size:
        """The number of heads of keys and values."""
        return self.num_heads if self.num_kv_heads is None else self.num_kv_heads

    @property
    def local(self) -> tuple[str, tuple[Size, ...]] | None:
        """The field that limits attention to some positions, with its numbers; None if all attend to all."""
        fields = (("window", self.window), ("grid", self.grid), ("dilation", self.dilation))
        return next(((name, numbers) for name, numbers in fields if numbers is not None), None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[num_heads · numbers of a value, *sizes of the queries]."""
        self._check_fields(len(inputs))
        require_divisible(self.kind, self.num_heads, "num_heads", self.kv_heads, "num_kv_heads", require)
        heads = heads_of(self, inputs, require)
        if self.relative_bias != "none":
            require_offsets(heads, require)
        held = None if self.attn_mask is None else mask_reads(self, inputs[-1], heads, require)
        if held == "table" and self.relative_bias != "none":
            message = "attention: relative_bias and a mask that is looked up exclude each other"
            raise LayerError(message, field="relative_bias")
        if self.rotary:
            axes = 2 * len(heads.sizes)
            require_divisible(self.kind, heads.key, "numbers per head", axes, "2 per axis that rotary turns", require)
        if self.is_causal or self.prefix_tokens != 0:
            self._check_sequence(heads)
        return (self.num_heads * heads.value, *heads.sizes)

    def _check_fields(self, inputs: int) -> None:
        """Refuse fields that contradict each other."""
        limits = [name for name in ("window", "grid", "dilation") if self.__dict__[name] is not None]
        if len(limits) > 1:
            raise LayerError(f"attention: {limits[0]} and {limits[1]} exclude each other", field=limits[1])
        if self.window is None and any(step != 0 for step in self.shift):
            raise LayerError("attention: only windows are shifted", field="shift", hint="add `window`")
        if self.packing == "heads" and (inputs - (self.attn_mask is not None) > 2 or self.num_kv_heads is not None):
            message = "attention: packing by heads is for one or two inputs with as many heads of keys as of queries"
            raise LayerError(message, field="packing")
        if self.prefix_tokens != 0 and not self.rotary:
            raise LayerError("attention: prefix_tokens are those that rotary leaves alone", field="prefix_tokens")

    def _check_sequence(self, heads: Heads) -> None:
        field = "is_causal" if self.is_causal else "prefix_tokens"
        if self.local is not None or len(heads.sizes) != 1 or len(heads.key_sizes) != 1:
            hint = "put `flatten: {start_dim: 2}` before the layers that make queries, keys and values"
            raise LayerError(
                f"attention: {field} needs a sequence [channels, tokens], without windows", field=field, hint=hint
            )

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[table entries, num_heads] for relative_bias; [num_heads] for a learned scale; [d] for each norm."""
        heads = heads_of(self, inputs)
        found: Weights = {}
        if self.relative_bias != "none":
            entries = offsets(heads) if self.relative_bias == "offset" else heads.keys
            found["relative_position_bias_table"] = (entries, self.num_heads)
        if self.scale == "learnt":
            found["logit_scale"] = (self.num_heads,)
        names = {"layernorm": ("weight", "bias"), "rmsnorm": ("weight",)}.get(self.qk_norm, ())
        return found | {f"{which}_norm_{name}": (heads.key,) for which in "qk" for name in names}

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The place in the table of every pair of query and key, if there is a table."""
        heads = heads_of(self, inputs)
        looked_up = self.attn_mask is not None and mask_reads(self, inputs[-1], heads) == "table"
        if self.relative_bias == "none" and not looked_up:
            return {}
        return {"relative_position_index": (heads.rows, heads.keys)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """Per score, d MACs, a factor, softmax, an addition for each of table, mask and shift; dv MACs per weight.

        A causal mask saves nothing: all scores are computed.
        """
        heads = heads_of(self, inputs)
        rows = self.num_heads * heads.queries
        scores = rows * heads.keys
        added = (self.relative_bias != "none") + (self.attn_mask is not None) + self.shifted(heads)
        total = Operations(mac=scores * (heads.key + heads.value), multiply=scores, add=scores * added)
        total = total + softmax(scores, rows)
        key_rows = self.kv_heads * numel(heads.key_sizes)
        for count in (rows, key_rows):
            total = total + self._norm_cost(count, heads.key)
        if self.rotary:
            front = self.prefix_tokens * (self.num_heads + self.kv_heads)
            turned = (rows + key_rows - front) * heads.key
            total = total + Operations(multiply=2 * turned, add=turned)
        return total

    def _norm_cost(self, groups: Size, size: Size) -> Operations:
        """The cost of normalizing queries or keys."""
        numbers = groups * size
        if self.qk_norm == "layernorm":
            return cost_of_normalizing(numbers, groups) + affine(numbers)
        if self.qk_norm == "rmsnorm":
            once = Operations(add=groups, multiply=3 * numbers, divide=2 * groups, sqrt=groups)
            return once + cost_of_sums(numbers, groups)
        if self.qk_norm == "l2":
            once = Operations(multiply=numbers, divide=numbers, sqrt=groups, compare=groups)
            return once + cost_of_sums(numbers, groups)
        return NOTHING

    def shifts(self, heads: Heads) -> tuple[Size, ...]:
        """The rows by which windows are shifted along each axis; 0 along an axis that one window covers."""
        if self.window is None:
            return tuple(0 for _ in heads.sizes)
        axes = zip(self.shift, self.window, heads.groups, strict=True)
        return tuple(shift % window * minimum(1, count - 1) for shift, window, count in axes)

    def shifted(self, heads: Heads) -> Size:
        """1 if windows are shifted along any axis, else 0."""
        total: Size = 0
        for shift in self.shifts(heads):
            total = total + shift
        return minimum(1, total)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Of the queries, its own row; of keys and values all rows, or those of its window, grid or dilation."""
        heads = heads_of(self, inputs)
        tensors = inputs[:-1] if self.attn_mask is not None else inputs
        own = row_by_row(len(heads.sizes), 1)
        keys = self._key_axes(heads)
        routes = [Route(0, (WHOLE, *own))] if len(tensors) > 1 or keys != own else []
        routes += [Route(source, (WHOLE, *keys)) for source in range(len(tensors) > 1, len(tensors))]
        if self.attn_mask is not None:
            by_query = Axis(Slide(), 1) if len(heads.sizes) == 1 and self.local is None else WHOLE
            axes = (WHOLE, by_query, WHOLE) if len(inputs[-1]) == 3 and inputs[-1][1] != 1 else None
            routes.append(Route(len(inputs) - 1, axes or (WHOLE,) * len(inputs[-1])))
        return tuple(routes)

    def _key_axes(self, heads: Heads) -> tuple[Axis, ...]:
        """How keys and values are read along each axis."""
        if self.is_causal:
            return (Axis(PAST, 1),)
        if self.local is None:
            return (WHOLE,) * len(heads.key_sizes)
        axes = zip(heads.extents, heads.groups, self.shifts(heads), strict=True)
        return tuple(_local_axis(self.local[0], *each, axis) for axis, each in enumerate(axes, 1))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Of the fused kernel its inputs and output; otherwise the weights of values, and scaled queries and keys."""
        heads = heads_of(self, inputs)
        shifted = any(not (isinstance(shift, int) and shift == 0) for shift in self.shifts(heads))
        return Keeping(self, heads, tuple(inputs), wanted, shifted).gather()

    def unfused(self) -> Attention:
        """As its separate products, which keep all scores."""
        return WrittenOut(**self.__dict__)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """With the channels last."""
        return channels_last(output)

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """Copies of the inputs whose channels are not last."""
        tensors = inputs[:-1] if self.attn_mask is not None else inputs
        pairs = enumerate(zip(before, tensors, strict=False))
        return tuple(number for number, (order, shape) in pairs if not is_filled_channels_last(order, shape))

    @property
    def drops(self) -> bool:
        """With dropout."""
        return self.dropout > 0


class WrittenOut(Attention):
    """Attention without the fused kernel: its scores are tensors."""

    fuses: ClassVar[bool] = False


def _local_axis(field: str, extent: Size, groups: Size, shift: Size, axis: int) -> Axis:
    """How the keys along one axis are read: those of a block, or evenly spaced ones."""
    if field == "window":
        return Axis(Blocks(extent, shift), axis)
    return Axis(Every(groups, groups * extent), axis)
