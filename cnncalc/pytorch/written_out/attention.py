"""Attention on maps, within windows too, with biases of the scores and normalized or turned queries and keys."""

# ruff: noqa: D102, B905
from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


def attention(
    *maps: Tensor,
    num_heads: int,
    num_kv_heads: int | None = None,
    key_dim: int | None = None,
    packing: str = "parts",
    is_causal: bool = False,
) -> Tensor:
    """Attention among all positions of maps, with q, k, v in one, two or three of them."""
    rows = [x.flatten(2).mT.contiguous() for x in maps]
    heads = num_heads, num_kv_heads or num_heads
    q, k, v = split_heads(rows, *heads, key_dim, packing)
    x = attend(q, k, v, is_causal=is_causal)
    return x.mT.reshape(len(x), -1, *maps[0].shape[2:])


def split_heads(
    rows: list[Tensor],
    num_heads: int,
    num_kv_heads: int,
    key_dim: int | None = None,
    packing: str = "parts",
) -> list[Tensor]:
    """Queries, keys and values, [batch, positions, heads, numbers], from rows of channels."""
    h, g, first = num_heads, num_kv_heads, rows[0].shape[2]
    if len(rows) == 3:
        return [x.view(*x.shape[:2], n, -1) for x, n in zip(rows, (h, g, g))]
    d = key_dim or (first // (h + 2 * g) if len(rows) == 1 else first // h)
    wide = rows[-1].shape[2] - g * d - (h * d if len(rows) == 1 else 0)
    if packing == "heads":
        parts = [d, d, wide // g][len(rows) - 1 :]
        held = rows[-1].view(*rows[-1].shape[:2], g, -1)
        first_rows = [x.view(*x.shape[:2], h, -1) for x in rows[:-1]]
        return [*first_rows, *torch.split(held, parts, -1)]
    parts = [h * d, g * d, wide] if len(rows) == 1 else [g * d, wide]
    split = [*rows[:-1], *torch.split(rows[-1], parts, 2)]
    return [x.view(*x.shape[:2], n, -1) for x, n in zip(split, (h, g, g))]


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    dropout: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """Attention of [batch, positions, heads, numbers], as rows of channels."""
    grouped = bool(q.shape[2] != k.shape[2])  # a tensor while torch.jit traces
    batch = max(len(q), len(k))  # a learned tensor has a batch of 1
    q, k, v = (x.transpose(1, 2).expand(batch, -1, -1, -1) for x in (q, k, v))
    x = F.scaled_dot_product_attention(
        q,
        k,
        v,
        mask,
        dropout,
        is_causal,
        scale=scale,
        enable_gqa=grouped,
    )
    return x.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Attention among all positions of maps, within windows, or among evenly spaced ones."""

    def __init__(
        self,
        num_heads: int,
        num_kv_heads: int | None = None,
        key_dim: int | None = None,
        packing: str = "parts",
        window: list[int] | None = None,
        shift: list[int] | None = None,
        grid: list[int] | None = None,
        dilation: list[int] | None = None,
        queries: list[int] | None = None,
        keys: list[int] | None = None,
        relative_bias: str = "none",
        table: int | None = None,
        masked: bool = False,
        by_offset: bool = False,
        qk_norm: str = "none",
        norm_size: int | None = None,
        scale: str = "fixed",
        rotary: bool = False,
        prefix_tokens: int = 0,
        is_causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.heads = num_heads, num_kv_heads or num_heads
        self.key_dim, self.packing = key_dim, packing
        self.window, self.shift = window, shift
        self.grid, self.dilation = grid, dilation
        self.queries, self.keys = queries or [], keys or queries or []
        self.relative_bias, self.table = relative_bias, table
        self.masked, self.by_offset = masked, by_offset
        self.qk_norm, self.rotary, self.prefix_tokens = qk_norm, rotary, prefix_tokens
        self.is_causal, self.dropout = is_causal, dropout
        self.has_bias = relative_bias != "none"
        if self.has_bias:
            far = [2 * n - 1 if relative_bias == "offset" else n for n in self.keys]
            bias = torch.empty(math.prod(far), num_heads)
            self.relative_position_bias_table = nn.Parameter(bias)
            nn.init.trunc_normal_(bias, std=0.02)
        self.learnt = scale == "learnt"
        if self.learnt:
            self.logit_scale = nn.Parameter(torch.full((num_heads,), math.log(10)))
        for name in ("q_norm", "k_norm") if norm_size else ():
            weight, bias = torch.ones(norm_size or 0), torch.zeros(norm_size or 0)
            self.register_parameter(f"{name}_weight", nn.Parameter(weight))
            if qk_norm == "layernorm":
                self.register_parameter(f"{name}_bias", nn.Parameter(bias))
        if self.has_bias or table is not None:
            self.register_buffer("relative_position_index", self.places())

    def forward(self, *maps: Tensor) -> Tensor:
        size = list(maps[0].shape[2:])
        mask = maps[-1] if self.masked else None
        maps = maps[:-1] if self.masked else maps
        rows = [self.local(x.flatten(2).mT.contiguous(), size) for x in maps]
        q, k, v = split_heads(rows, *self.heads, self.key_dim, self.packing)
        q, k = self.normalize(q, "q_norm"), self.normalize(k, "k_norm")
        if self.learnt:
            q = q * self.logit_scale.clamp(max=math.log(100)).exp().unsqueeze(1)
        if self.rotary:
            keys = self.extents(list(maps[-1].shape[2:]))
            q, k = self.turn(q, self.extents(size)), self.turn(k, keys)
        groups = len(v) // len(maps[-1])
        mask = self.scores(mask, len(maps[0]), groups, size, v)
        if self.is_causal and mask is not None:  # SDPA takes one or the other
            later = torch.ones_like(mask[0, 0]).expand(q.shape[1], k.shape[1]).triu(1)
            mask = mask + torch.zeros_like(later).masked_fill(later > 0, -math.inf)
        x = attend(
            q,
            k,
            v,
            mask,
            self.dropout if self.training else 0.0,
            self.is_causal and mask is None,
            1.0 if self.learnt else None,
        )
        return self.whole(x, size).mT.reshape(len(maps[0]), -1, *size)

    def extents(self, size: list[int]) -> list[int]:
        """The positions along each axis that attend to each other."""
        if self.dilation is not None:
            return [n // step for n, step in zip(size, self.dilation)]
        return list(self.window or self.grid or size)

    def shifts(self, size: list[int]) -> list[int]:
        """The shift along each axis: none where one window covers it."""
        if self.window is None or self.shift is None:
            return [0] * len(size)
        axes = zip(size, self.window, self.shift)
        return [shift % wide if n > wide else 0 for n, wide, shift in axes]

    def splits(self, size: list[int]) -> tuple[list[int], list[int], list[int]]:
        """The axes, each split in two; those of the groups, and those within a group."""
        pairs = [(n // e, e) for n, e in zip(size, self.extents(size))]
        spaced = self.window is None
        sizes = [n for pair in pairs for n in (reversed(pair) if spaced else pair)]
        groups = list(range(1 + spaced, 2 * len(size) + 1, 2))
        return sizes, groups, list(range(2 - spaced, 2 * len(size) + 1, 2))

    def local(self, x: Tensor, size: list[int]) -> Tensor:
        """[batch, positions, channels] as [batch · groups, positions, channels]."""
        if self.window is None and self.grid is None and self.dilation is None:
            return x
        shifts = [-shift for shift in self.shifts(size)]
        if any(shifts):
            axes = list(range(1, len(size) + 1))
            x = x.view(len(x), *size, -1).roll(shifts, axes).flatten(1, len(size))
        sizes, groups, inside = self.splits(size)
        x = x.view(len(x), *sizes, -1).permute(0, *groups, *inside, -1)
        return x.flatten(0, len(size)).flatten(1, len(size))

    def whole(self, x: Tensor, size: list[int]) -> Tensor:
        """Undo `local`."""
        if self.window is None and self.grid is None and self.dilation is None:
            return x
        sizes, groups, inside = self.splits(size)
        order = [0, *groups, *inside, len(sizes) + 1]
        split = [sizes[axis - 1] for axis in (*groups, *inside)]
        x = x.view(-1, *split, x.shape[2])
        x = x.permute([order.index(axis) for axis in range(len(order))])
        x = x.flatten(1, len(sizes))
        shifts = self.shifts(size)
        if any(shifts):
            axes = list(range(1, len(size) + 1))
            x = x.view(len(x), *size, -1).roll(shifts, axes).flatten(1, len(size))
        return x

    def normalize(self, x: Tensor, name: str) -> Tensor:
        if self.qk_norm == "none":
            return x
        if self.qk_norm == "l2":
            return F.normalize(x, dim=-1)
        weight = self.get_parameter(f"{name}_weight")
        if self.qk_norm == "rmsnorm":
            return F.rms_norm(x, x.shape[-1:], weight)
        return F.layer_norm(x, x.shape[-1:], weight, self.get_parameter(f"{name}_bias"))

    def turn(self, x: Tensor, size: list[int]) -> Tensor:
        """Turn pairs of numbers by angles that grow with the position along each axis."""
        front, x = x[:, : self.prefix_tokens], x[:, self.prefix_tokens :]
        steps = x.shape[-1] // (2 * len(size))
        dtype = torch.promote_types(x.dtype, torch.float32)
        places = torch.arange(steps, dtype=dtype, device=x.device)
        speeds = 10000 ** (-places / steps)
        count = [x.shape[1]] if self.prefix_tokens else size
        rows = [torch.arange(n, device=x.device) for n in count]
        grids = torch.meshgrid(*rows, indexing="ij")
        angles = torch.cat([place.flatten()[:, None] * speeds for place in grids], 1)
        angles = angles.repeat(1, 2).unsqueeze(1)
        one, two = x.chunk(2, -1)
        turned = x * angles.cos().to(x.dtype)
        turned = turned + torch.cat([-two, one], -1) * angles.sin().to(x.dtype)
        return torch.cat([front, turned], 1) if self.prefix_tokens else turned

    def scores(
        self,
        mask: Tensor | None,
        batch: int,
        groups: int,
        size: list[int],
        like: Tensor,
    ) -> Tensor | None:
        """What is added to the scores: [batch · groups, heads, queries, keys], or a 1."""
        if mask is not None and self.table is not None:
            mask = mask[:, :, self.get_buffer("relative_position_index")]
        elif mask is not None and self.by_offset and mask.shape[-1] > 1:
            n = mask.shape[-2]  # row i begins at offset −i
            mask = mask.flatten(-2)[..., n - 1 : -1] if n > 1 else mask
            mask = mask.reshape(*mask.shape[:2], n, -1)[..., :n]
        if mask is not None and groups > 1 and len(mask) > 1:
            mask = mask.repeat_interleave(groups, 0)
        bias = None
        if self.has_bias:
            index = self.get_buffer("relative_position_index")
            bias = self.relative_position_bias_table[index]
            bias = bias.permute(2, 0, 1).unsqueeze(0)
        if any(self.shifts(size)):
            apart = self.apart(size, like).repeat(batch, 1, 1).unsqueeze(1)
            bias = apart if bias is None else bias + apart
        return bias if mask is None else mask if bias is None else bias + mask

    def apart(self, size: list[int], like: Tensor) -> Tensor:
        """−∞ for positions of a window that the shift brought together."""
        part = torch.zeros(size, device=like.device)
        for axis, shift in enumerate(self.shifts(size)):
            part.narrow(axis, 0, shift).add_(2**axis)
        part = self.local(part.view(1, -1, 1), size).squeeze(2)
        mask = torch.zeros((), dtype=like.dtype, device=like.device)
        return mask.masked_fill(part[:, :, None] != part[:, None, :], -math.inf)

    def places(self) -> Tensor:
        """The place in the table of every pair of query and key: [queries, keys]."""
        offsets = math.prod(2 * n - 1 for n in self.keys)
        alike = len(self.queries) == len(self.keys)
        if not self.has_bias and not (alike and self.table == offsets):
            rows, keys = math.prod(self.queries), math.prod(self.keys)
            last = (self.table or 1) - 1
            far = torch.arange(rows)[:, None] - torch.arange(keys)
            return (far + last // 2).clamp(0, last)
        index = torch.zeros(1, 1, dtype=torch.int64)
        for rows, n in zip(self.queries, self.keys):
            place = torch.arange(rows) * -(-n // rows)
            far = place.clamp(max=n - 1)[:, None] - torch.arange(n)
            if self.relative_bias == "distance":
                far, wide = far.abs(), n
            else:
                far, wide = far + n - 1, 2 * n - 1
            index = index[:, None, :, None] * wide + far[None, :, None, :]
            index = index.flatten(2).flatten(0, 1)
        return index
