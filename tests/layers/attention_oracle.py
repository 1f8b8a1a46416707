"""Attention with every query beside every key: whoever may not attend gets a score of −∞. No windows are cut out."""

import math
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name


class Refused(Exception):  # noqa: N818 - an answer
    """What does not fit."""


def refuse(wrong: bool) -> None:
    if wrong:
        raise Refused


class Dense(nn.Module):
    """Attention as a spec's arguments and shapes say it."""

    def __init__(self, a: dict[str, Any], shapes: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.a, self.shapes = a, shapes[:-1] if "attn_mask" in a else shapes
        self.mask = shapes[-1] if "attn_mask" in a else None
        refuse(not 1 <= len(self.shapes) <= 3)
        refuse(any(not 2 <= len(shape) <= 4 for shape in self.shapes))
        self.h = a["num_heads"]
        self.g = a.get("num_kv_heads", self.h)
        self.size, self.keys = self.shapes[0][1:], self.shapes[-1][1:]
        refuse(len(self.shapes) == 3 and self.shapes[1][1:] != self.keys)
        refuse(self.h % self.g > 0)
        self._split()
        self._places()
        self._check()
        self._weights()

    def _split(self) -> None:
        """The channels of queries, keys and values: pairs of an input and a list of them, head by head."""
        count, given, h, g = len(self.shapes), self.a.get("key_dim"), self.h, self.g
        refuse(count > 1 and given is not None)
        by_head = self.a.get("packing") == "heads"
        refuse(by_head and (count == 3 or "num_kv_heads" in self.a))
        first, last = self.shapes[0][0], self.shapes[-1][0]
        if count == 1:
            refuse(given is None and first % (h + 2 * g) > 0)
            self.d = given or first // (h + 2 * g)
            rest = first - (h + g) * self.d
        else:
            refuse(first % h > 0)
            self.d = first // h
            rest = last - g * self.d if count == 2 else last
            refuse(count == 3 and self.shapes[1][0] != g * self.d)
        refuse(rest < 1 or rest % g > 0)
        self.dv = rest // g
        widths = [self.d] * (count == 1), [self.d] * (count < 3), [self.dv]
        inside = [w for each in widths for w in each]
        self.channels = []
        for which, (heads, wide) in enumerate([(h, self.d), (g, self.d), (g, self.dv)]):
            source = [(0, 0, 0), (0, 1, 1), (0, 1, 2)][count - 1][which]
            packed = not (count == 3 or (count == 2 and which == 0))
            place = which - (count == 2) if packed else 0
            if packed and by_head:
                start, step = sum(inside[:place]), sum(inside)
            else:
                start, step = (sum(([h * self.d] * (count == 1) + [g * self.d, g * self.dv])[:place]), wide)
                start = start if packed else 0
            self.channels.append((source, [[start + head * step + i for i in range(wide)] for head in range(heads)]))

    def _places(self) -> None:
        """Of every position its group, its place within that, and the part that the shift put it in."""
        local = [name for name in ("window", "grid", "dilation") if name in self.a]
        refuse(
            len(local) > 1
            or ("shift" in self.a and self.a["shift"] not in (0, [0] * len(self.size)) and "window" not in self.a)
        )
        self.local = local[0] if local else None
        shift = self.a.get("shift", 0)
        shifts = shift if isinstance(shift, list) else [shift] * len(self.size)
        refuse(len(shifts) != len(self.size))
        if self.local is None:
            self.extents = list(self.keys)
            self.rows = list(self.size)
            return
        refuse(self.size != self.keys)
        numbers = self.a[self.local]
        refuse(any(n % e for n, e in zip(self.size, numbers, strict=True)))
        self.extents = (
            [n // e for n, e in zip(self.size, numbers, strict=True)] if self.local == "dilation" else numbers
        )
        self.rows = self.extents
        self.placed = []
        for position in product(*map(range, self.size)):
            group, within, part = [], 0, []
            for i, n, e, s in zip(position, self.size, self.extents, shifts, strict=True):
                s = s % e if self.local == "window" and n > e else 0
                at = (i - s) % n
                group.append(at // e if self.local == "window" else i % (n // e))
                within = within * e + (at % e if self.local == "window" else i // (n // e))
                part.append(i < s)
            self.placed.append((tuple(group), within, tuple(part)))

    def _check(self) -> None:
        a, sequence = self.a, len(self.size) == len(self.keys) == 1
        self.bias = a.get("relative_bias", "none")
        if self.bias != "none":
            refuse(len(self.rows) != len(self.extents))
            pairs = zip(self.rows, self.extents, strict=True)
            refuse(any(r > n for r, n in pairs))
        refuse(bool(a.get("prefix_tokens")) and not a.get("rotary"))
        refuse(bool(a.get("rotary")) and self.d % (2 * len(self.size)) > 0)
        refuse((a.get("is_causal") or a.get("prefix_tokens", 0) > 0) and (self.local is not None or not sequence))
        if self.mask is not None:
            refuse(self.mask[0] not in (1, self.h) or not 2 <= len(self.mask) <= 3)
            refuse(len(self.mask) == 2 and self.bias != "none")
            if len(self.mask) == 3:
                rows, keys = math.prod(self.rows), math.prod(self.extents)
                offsets = rows == keys and self.mask[1] == rows and self.mask[2] == 2 * keys - 1
                refuse(self.mask[1] not in (1, rows) or not (self.mask[2] in (1, keys) or offsets))

    def _weights(self) -> None:
        if self.bias != "none":
            numbers = [2 * n - 1 if self.bias == "offset" else n for n in self.extents]
            self.relative_position_bias_table = nn.Parameter(torch.randn(math.prod(numbers), self.h))
        if self.a.get("scale") == "learnt":
            self.logit_scale = nn.Parameter(torch.randn(self.h))
        norm = self.a.get("qk_norm")
        for which in "qk":
            for name in {"layernorm": ("weight", "bias"), "rmsnorm": ("weight",)}.get(norm, ()):
                self.register_parameter(f"{which}_norm_{name}", nn.Parameter(torch.randn(self.d)))
        if self.bias != "none" or (self.mask is not None and len(self.mask) == 2):
            index = torch.zeros(math.prod(self.rows), math.prod(self.extents), dtype=torch.int64)
            self.register_buffer("relative_position_index", index)

    def forward(self, *inputs: Tensor) -> Tensor:
        parts = []
        for source, heads in self.channels:
            x = inputs[source].flatten(2)
            parts.append(
                torch.stack([x[:, channels].mT for channels in heads], 1)
            )  # [batch, heads, positions, numbers]
        q, k, v = parts
        q, k = self._normalized(q, "q"), self._normalized(k, "k")
        if self.a.get("rotary"):
            q, k = self._turned(q, self.size), self._turned(k, self.keys)
        k, v = (x.repeat_interleave(self.h // self.g, 1) for x in (k, v))
        scores = q @ k.mT
        if self.a.get("scale") == "learnt":
            scores = scores * self.logit_scale.clamp(max=math.log(100)).exp()[:, None, None]
        else:
            scores = scores / math.sqrt(self.d)
        scores = scores + self._bias(inputs[-1] if self.mask is not None else None, scores.device)
        return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2).mT.unflatten(2, self.size)

    def _normalized(self, x: Tensor, which: str) -> Tensor:
        norm = self.a.get("qk_norm", "none")
        if norm == "none":
            return x
        if norm == "l2":
            return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        weight = getattr(self, f"{which}_norm_weight")
        if norm == "rmsnorm":
            return x / (x.square().mean(-1, keepdim=True) + torch.finfo(x.dtype).eps).sqrt() * weight
        return F.layer_norm(x, (self.d,), weight, getattr(self, f"{which}_norm_bias"))

    def _turned(self, x: Tensor, size: tuple[int, ...]) -> Tensor:
        """Pairs (i, i + d/2) as complex numbers, turned; within a group the place counts, not the position."""
        steps, front = self.d // (2 * len(size)), self.a.get("prefix_tokens", 0)
        rows = [
            [
                max(0, self._within(i, axis) - front) * 10000 ** (-step / steps)
                for axis, i in enumerate(position)
                for step in range(steps)
            ]
            for position in product(*map(range, size))
        ]
        angles = torch.tensor(rows, dtype=torch.float64)
        pairs = torch.complex(*x.chunk(2, -1)) * torch.polar(torch.ones_like(angles), angles).to(x.device)
        return torch.cat([pairs.real, pairs.imag], -1).to(x.dtype)

    def _within(self, i: int, axis: int) -> int:
        if self.local is None:
            return i
        n, e = self.size[axis], self.extents[axis]
        if self.local != "window":
            return i // (n // e)
        shift = self.a.get("shift", 0)
        s = shift[axis] if isinstance(shift, list) else shift
        return (i - (s % e if n > e else 0)) % n % e

    def _bias(self, mask: Tensor | None, device: torch.device) -> Tensor:
        """What is added to the scores: [batch or 1, heads or 1, queries, keys]."""
        count, keys = math.prod(self.size), math.prod(self.keys)
        total = torch.zeros(1, 1, count, keys, device=device)
        blocked = torch.zeros(count, keys, dtype=torch.bool)
        row, column = torch.arange(count), torch.arange(keys)
        if self.local is not None:
            row = column = torch.tensor([within for _, within, _ in self.placed])
            pairs = [[a[0] != b[0] or a[2] != b[2] for b in self.placed] for a in self.placed]
            blocked = torch.tensor(pairs, dtype=torch.bool)
        if self.a.get("is_causal"):
            blocked |= torch.arange(keys) > torch.arange(count)[:, None]
        total = total.masked_fill(blocked.to(device), -math.inf)
        if self.bias != "none":
            index = self._index(self.bias == "distance")[row][:, column]
            total = total + self.relative_position_bias_table[index].permute(2, 0, 1)
        if mask is None:
            return total
        if mask.dim() == 3:
            index = self._index(False, mask.shape[-1])[row][:, column]
            return total + mask[:, :, index]
        if (
            mask.shape[-1] == 2 * math.prod(self.extents) - 1
            and mask.shape[-1] > 1
            and mask.shape[2] > 1
            and mask.shape[-1] != math.prod(self.extents)
        ):
            by_offset = column - row[:, None] + math.prod(self.extents) - 1
            return total + mask[:, :, row[:, None], by_offset]
        rows = row if mask.shape[2] > 1 else torch.zeros_like(row)
        columns = column if mask.shape[3] > 1 else torch.zeros_like(column)
        return total + mask[:, :, rows][:, :, :, columns]

    def _index(self, distance: bool, entries: int | None = None) -> Tensor:
        """The entry of the table for every row and column."""
        table = math.prod(2 * n - 1 for n in self.extents)
        if entries is not None and (entries != table or len(self.rows) != len(self.extents)):
            far = torch.arange(math.prod(self.rows))[:, None] - torch.arange(math.prod(self.extents))
            return (far + (entries - 1) // 2).clamp(0, entries - 1)
        places = list(product(*map(range, self.extents)))
        return torch.tensor(
            [[self._entry(query, key, distance) for key in places] for query in product(*map(range, self.rows))]
        )

    def _entry(self, query: tuple[int, ...], key: tuple[int, ...], distance: bool) -> int:
        place = 0
        for a, b, r, n in zip(query, key, self.rows, self.extents, strict=True):
            far = min(a * -(-n // r), n - 1) - b
            place = place * (n if distance else 2 * n - 1) + (abs(far) if distance else far + n - 1)
        return place
