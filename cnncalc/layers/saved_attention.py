"""What attention keeps for the backward pass: of PyTorch's fused kernel on the CPU, or of its written-out product.

The fused kernel (Dao et al., arXiv:2205.14135) keeps queries, keys, values, its output and a number per query; PyTorch
takes it where keys are as wide as values, nothing is dropped, and no gradient of a bias is wanted. Otherwise scores are
kept: their softmax, and copies of the scaled queries and keys.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Protocol

from cnncalc.layers.heads import Fields as SizeFields
from cnncalc.layers.heads import Heads, is_regrouped, mask_reads
from cnncalc.layers.layer import Shape
from cnncalc.layers.saved import FLOAT32, NONE, Saved, SavedTensor, Wanted, is_one
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class Fields(SizeFields, Protocol):
    """The fields of `attention` that decide what it saves."""

    packing: str
    is_causal: bool
    relative_bias: str
    qk_norm: str
    scale: str
    rotary: bool
    prefix_tokens: Size
    dropout: int | Fraction
    fuses: ClassVar[bool]


class Keeping:
    """The saved tensors of one attention, gathered step by step; `shifted`: whether its windows are."""

    def __init__(self, layer: Fields, heads: Heads, inputs: tuple[Shape, ...], wanted: Wanted, shifted: bool) -> None:
        self.layer, self.heads, self.shapes, self.wanted = layer, heads, inputs, wanted
        self.masked = layer.attn_mask is not None
        last = len(inputs) - 1 - self.masked
        self.sources = (0, max(0, last - 1) if last == 2 else last, last)  # of q, k, v
        self.shifted = shifted
        self.offsets = self.masked and mask_reads(layer, inputs[-1], heads) == "offsets"
        self.moved = shifted or is_regrouped(layer, heads)
        self.inputs: set[int] = set()
        self.own: list[SavedTensor] = []
        self.output = False
        self._copies: set[int] = set()
        self.learns = [wanted.inputs[source] for source in self.sources]
        self.has_bias = layer.relative_bias != "none"
        self.bias_learns = (self.has_bias and wanted.weights) or (self.masked and wanted.inputs[-1])

    def gather(self) -> Saved:
        """All saved tensors."""
        if not (self.wanted.any_input or self.wanted.weights):
            return NONE
        for which in (0, 1):
            self._keep_of_norm(which)
        self._keep_of_scale()
        for which in (0, 1):
            self._keep_of_rotation(which)
        if any(self.learns) or self.bias_learns:
            if self._is_fused():
                self._keep_of_kernel()
            else:
                self._keep_of_product()
        return Saved(tuple(sorted(self.inputs)), self.output, tuple(self.own))

    def _is_fused(self) -> bool:
        same = relation_eq(self.heads.key, self.heads.value) is True
        return self.layer.fuses and same and self.layer.dropout == 0 and not self.bias_learns

    @property
    def _derived(self) -> bool:
        """Whether queries and keys are tensors of their own, not parts of an input."""
        return self.layer.qk_norm != "none" or self.layer.rotary

    def _rows(self, which: int) -> Size:
        """Heads times positions, of queries or of keys."""
        if which == 0:
            return self.layer.num_heads * self.heads.queries
        return self.layer.kv_heads * numel(self.heads.key_sizes)

    def _keep(self, numbers: Size, what: str, each: bool = True) -> None:
        self.own.append(SavedTensor(numbers, what, each=each))

    def _keep_source(self, which: int) -> None:
        """Keep the input that holds queries, keys or values, or the copy of it in windows."""
        source = self.sources[which]
        if not self.moved:
            self.inputs.add(source)
        elif source not in self._copies:
            self._copies.add(source)
            self._keep(numel(self.shapes[source]), "input in windows")

    def _keep_of_norm(self, which: int) -> None:
        norm = self.layer.qk_norm
        if norm == "none" or not (self.learns[which] or (norm != "l2" and self.wanted.weights)):
            return
        rows = self._rows(which)
        if norm == "rmsnorm" and self.wanted.weights:
            self._keep(rows * self.heads.key, "normalized queries" if which == 0 else "normalized keys")
        if norm != "rmsnorm" or self.learns[which]:
            self._keep_source(which)
        if norm == "layernorm":
            self.own.append(SavedTensor(2 * rows, "mean and 1/σ", least=FLOAT32))
        elif norm == "rmsnorm" and self.learns[which]:
            self.own.append(SavedTensor(rows, "1/root mean square", least=FLOAT32))
        elif norm == "l2":
            self._keep(2 * rows, "lengths")
        self.learns[which] = True

    def _keep_of_scale(self) -> None:
        if self.layer.scale != "learnt" or not (self.learns[0] or self.wanted.weights):
            return
        self._keep(self.layer.num_heads, "factors of the heads", each=False)
        if self.wanted.weights:
            if self.layer.qk_norm == "none":
                self._keep_source(0)
            else:
                self._keep(self._rows(0) * self.heads.key, "normalized queries")
            self.learns[0] = True

    def _keep_of_rotation(self, which: int) -> None:
        if self.layer.rotary and self.learns[which]:
            local = self.heads.extents != self.heads.key_sizes
            sizes = self.heads.extents if local or which else self.heads.sizes
            self._keep(2 * (numel(sizes) - self.layer.prefix_tokens) * self.heads.key, "cosines and sines", each=False)

    def _keep_of_kernel(self) -> None:
        """Queries, keys and values, the output, and the logarithm of each sum of exponentials; a mask."""
        heads, rows = self.heads, self._rows(0)
        for which in (0, 1):
            if self._derived or (which == 0 and self.layer.scale == "learnt"):
                self._keep(self._rows(which) * heads.key, "queries" if which == 0 else "keys")
            else:
                self._keep_source(which)
        self._keep_source(2)
        if self.moved:
            self._keep(rows * heads.value, "output in windows")
        else:
            self.output = True
        self.own.append(SavedTensor(rows, "logarithms of the sums", width=FLOAT32))
        self._keep_of_mask()

    def _keep_of_mask(self) -> None:
        """What is added to the scores: the mask itself, or a tensor made of it, of the table and of the shift."""
        mask = self.shapes[-1] if self.masked else None
        groups = numel(self.heads.groups)
        size = self.heads.rows * self.heads.keys
        if mask is not None and not self.has_bias and not self.shifted:
            if len(mask) == 2 or self.layer.is_causal:
                self._keep(mask[0] * size * groups, "looked up mask")
            elif is_one(groups):
                self.inputs.add(len(self.shapes) - 1)
            else:
                last = self.heads.keys if self.offsets else mask[2]
                self._keep(mask[0] * mask[1] * last * groups, "mask of every window")
        elif mask is not None or self.shifted:
            wide = self.has_bias or (mask is not None and not is_one(mask[0]))
            self._keep((self.layer.num_heads if wide else 1) * size * groups, "mask of every window")
        elif self.has_bias:
            self._keep(self.layer.num_heads * size, "bias", each=False)

    def _keep_of_product(self) -> None:
        """Scaled queries and keys for each other's gradient; the weights of values, also after dropout; values."""
        heads, h = self.heads, self.layer.num_heads
        scores = self._rows(0) * heads.keys
        keys = h * numel(heads.key_sizes)
        if self.learns[1]:
            self._keep(self._rows(0) * heads.key, "scaled queries")
        if self.learns[0]:
            self._keep(keys * heads.key, "scaled keys")
        wants_scores = self.learns[0] or self.learns[1] or self.bias_learns
        drops = self.layer.dropout > 0
        if wants_scores or not drops:
            self._keep(scores, "softmax of the scores")
        if drops:
            self._keep(scores * (wants_scores + self.learns[2]), "dropped weights and their mask")
        if wants_scores and self._views_values():
            self._keep_source(2)
        elif wants_scores:
            self._keep(keys * heads.value, "values, head by head")

    def _views_values(self) -> bool:
        """Whether the values of all heads are one matrix per head in memory already, so that none is copied."""
        layer = self.layer
        apart = self.sources[2] == 2 or layer.packing == "heads"
        return is_one(layer.num_heads) or (is_one(self.heads.keys) and apart and layer.kv_heads == layer.num_heads)
