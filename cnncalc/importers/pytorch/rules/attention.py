"""Rules for attention: PyTorch's function, and the two products around a softmax that stand for it.

How the heads are cut out of a map is never read from the spelling: views, permutations and slices only move numbers, so
they are run on the numbers of every place, which shows the channels that each head reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose, prod
from typing import NamedTuple

import torch

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Sizes, Tensor, plain
from cnncalc.importers.traced import TracedNode

MOVES = ("reshape", "permute", "flatten", "slice")
MOST = 1 << 22  # numbers of a tensor whose places are followed


class Cut(NamedTuple):
    """Heads cut out of a tensor: the axis of its channels, and the channels of every head."""

    name: str
    axis: int
    heads: list[list[int]]

    @property
    def flat(self) -> list[int]:
        """The channels of all heads."""
        return [channel for head in self.heads for channel in head]


def origins(emission: Emission, tensor: Tensor, commuting: Sequence[str] = ()) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors that layers only moved to make this one, from itself backwards.

    For each, the place in it of every number of the tensor, with the axes as PyTorch sees them, without the batch.
    """
    dims = [abs(axis) - 1 for axis in tensor.order if axis != 0]
    chain: list[TracedNode] = []
    name = tensor.name
    while prod(emission.shapes[name]) <= MOST:
        places = torch.arange(prod(emission.shapes[name])).reshape(emission.shapes[name])
        for node in reversed(chain):
            places = _move(node, places)
        yield name, places.permute(dims)
        before = emission.nodes.get(name)
        if before is None or before.kind not in (*MOVES, *commuting) or len(before.inputs) != 1:
            return
        chain.append(before)
        name = before.inputs[0]


def _move(node: TracedNode, places: torch.Tensor) -> torch.Tensor:
    """Apply one layer to the places."""
    arguments = node.arguments
    if node.kind in ("reshape", "flatten"):
        return places.reshape([int(str(size)) for size in node.output])
    if node.kind == "permute":
        dims: list[int] = arguments["dims"]  # type: ignore[assignment] # as a rule emitted it
        return places.permute([dim - 1 for dim in dims])
    if node.kind == "slice":
        part = slice(arguments.get("start", 0), arguments.get("end"), arguments.get("step", 1))
        dim: int = arguments.get("dim", 1)  # type: ignore[assignment] # as a rule emitted it
        index = (*(slice(None) for _ in range(dim - 1)), part)
        return places[index]
    return places


def moved_back(call: Call, tensor: Tensor) -> Tensor | None:
    """An earlier tensor of which a reshape is only another order of the axes."""
    folded = next((dim for dim, axis in enumerate(tensor.order) if axis <= 0), None)
    if folded is None:
        return None
    before = prod(tensor.seen(call.batch)[:folded])  # numbers outside the batch, which stay there
    sizes = enumerate(call.seen)
    at = next((dim for dim, size in sizes if size == call.batch and prod(call.seen[:dim]) == before), None)
    if at is None:
        return None
    wanted = (*call.seen[:at], *call.seen[at + 1 :])
    found = None
    for name, places in origins(call.emission, tensor):
        shape = call.emission.shapes[name]
        if len(shape) != len(wanted) or prod(shape) != prod(wanted) or name == tensor.name:
            continue
        dims = _order_of(places.reshape(wanted), shape)
        if dims is not None:
            order = [dim + 1 for dim in dims]
            found = Tensor(name, shape, (*order[:at], 0, *order[at:]))
    return found


def _order_of(places: torch.Tensor, shape: Sizes) -> list[int] | None:
    """The axes of a tensor of this shape whose permutation has these places."""
    steps = {prod(shape[axis + 1 :]): axis for axis, size in reversed(list(enumerate(shape))) if size > 1}
    dims: list[int] = []
    rest = [axis for axis, size in enumerate(shape) if size == 1]
    for dim, size in enumerate(places.shape):
        if size == 1:
            if not rest:
                return None
            dims.append(rest.pop(0))
            continue
        step = int(places.select(dim, 1).flatten()[0] - places.flatten()[0])
        if step not in steps:
            return None
        dims.append(steps[step])
    if sorted(dims) != list(range(len(shape))):
        return None
    whole = torch.arange(prod(shape)).reshape(shape).permute(dims)
    return dims if whole.shape == places.shape and torch.equal(whole, places) else None


def cut_of(call: Call, tensor: Tensor, commuting: Sequence[str] = ()) -> Cut | None:
    """The earliest map out of whose channels the heads of a tensor [heads, positions, numbers] are cut."""
    found = None
    for name, places in origins(call.emission, tensor, commuting):
        found = _cut(name, call.emission.shapes[name], places) or found
    return found


def _cut(name: str, shape: Sizes, places: torch.Tensor) -> Cut | None:
    if not 2 <= len(shape) <= 4:
        return None
    for axis in (0, len(shape) - 1):
        each = prod(shape[axis + 1 :])
        channel = places // each % shape[axis]
        position = places // (each * shape[axis]) * each + places % each
        same = torch.equal(channel, channel[:, :1].expand_as(channel))
        count = prod(shape) // shape[axis]
        if same and count == places.shape[1]:
            row = torch.arange(count)[None, :, None]
            if torch.equal(position, row.expand_as(position)):
                return Cut(name, axis, channel[:, 0].tolist())
    return None


def attend(call: Call, parts: Sequence[Tensor], causal: bool, commuting: Sequence[str] = ()) -> Tensor:
    """Add an attention of queries, keys and values, [heads, positions, numbers]; return its output so."""
    cuts = [cut_of(call, part, commuting) for part in parts]
    h, g = parts[0].shape[abs(parts[0].order[-3]) - 1], parts[1].shape[abs(parts[1].order[-3]) - 1]
    d, dv = (part.shape[abs(part.order[-1]) - 1] for part in (parts[0], parts[2]))
    arguments: dict[str, object] = {"num_heads": h}
    arguments |= {"num_kv_heads": g} if g != h else {}
    arguments |= {"is_causal": True} if causal else {}
    inputs, more = _inputs(call, parts, cuts, h == g)
    if len(inputs) == 1 and d != dv:
        more["key_dim"] = d
    sizes = inputs[0].shape[1:]
    out = call.emit("attention", {**arguments, **more}, inputs, (h * dv, *sizes))
    shape = (h, dv, prod(sizes))
    split = call.emit("reshape", {"shape": list(shape)}, [out], shape, own=False)
    folded = parts[0].order[0] < 0
    return Tensor(split.name, shape, (-1, 3, 2) if folded else (0, 1, 3, 2))


def _inputs(
    call: Call, parts: Sequence[Tensor], cuts: Sequence[Cut | None], alike: bool
) -> tuple[list[Tensor], dict[str, object]]:
    """The maps that hold queries, keys and values, as few as possible, and how they are packed."""
    known = [cut for cut in cuts if cut is not None]
    for first in (0, 1):  # one map holds all from this one on
        held = known[first:]
        if len(known) < 3 or len({cut[:2] for cut in held}) > 1:
            continue
        size = call.emission.shapes[held[0].name][held[0].axis]
        before = [_map_of(call, part, cut) for part, cut in zip(parts[:first], cuts[:first], strict=True)]
        if [channel for cut in held for channel in cut.flat] == list(range(size)):
            return [*before, _turned(call, held[0])], {}
        by_head = [channel for heads in zip(*(cut.heads for cut in held), strict=False) for h in heads for channel in h]
        if alike and by_head == list(range(size)):
            return [*before, _turned(call, held[0])], {"packing": "heads"}
    maps = {part: _map_of(call, part, cut) for part, cut in dict(zip(parts, cuts, strict=True)).items()}
    return [maps[part] for part in parts], {}


def _turned(call: Call, cut: Cut) -> Tensor:
    """The map of a cut, with its channels in front."""
    tensor = plain(cut.name, call.emission.shapes[cut.name])
    if cut.axis == 0:
        return tensor
    shape = (tensor.shape[-1], *tensor.shape[:-1])
    return call.emit("permute", {"dims": [len(shape), *range(1, len(shape))]}, [tensor], shape, own=False)


def _map_of(call: Call, part: Tensor, cut: Cut | None) -> Tensor:
    """One of queries, keys and values as a map by itself: all channels, a slice of them, or moved there."""
    if cut is not None:
        tensor, flat = _turned(call, cut), cut.flat
        start, end = flat[0], flat[0] + len(flat)
        if flat == list(range(start, end)):
            if len(flat) == tensor.shape[0]:
                return tensor
            bounds = ({"start": start} if start else {}) | ({"end": end} if end < tensor.shape[0] else {})
            return call.emit("slice", bounds, [tensor], (len(flat), *tensor.shape[1:]), own=False)
    heads, positions, numbers = (abs(axis) for axis in part.order[-3:])
    dims = [heads, numbers, positions]
    shape = tuple(part.shape[dim - 1] for dim in dims)
    moved = plain(part.name, part.shape)
    if dims != [1, 2, 3]:
        moved = call.emit("permute", {"dims": dims}, [moved], shape, own=False)
    flat_shape = (shape[0] * shape[1], shape[2])
    return call.emit("flatten", {"end_dim": 2}, [moved], flat_shape, own=False)


def function(call: Call) -> Tensor:
    """PyTorch's `scaled_dot_product_attention`."""
    if call["attn_mask"] is not None:
        raise Inexpressible
    parts = [call.tensor(name) for name in ("query", "key", "value")]
    width = parts[0].seen(call.batch)[-1]
    if call["scale"] is not None and not isclose(float(call["scale"]), width**-0.5, rel_tol=1e-6):
        return _written_out(call, parts, exact(call["scale"]))
    _require_heads(parts)
    return attend(call, parts, bool(call["is_causal"]))


def _written_out(call: Call, parts: Sequence[Tensor], factor: object) -> Tensor:
    """The same with another factor, as two products."""
    if call["is_causal"] or call["enable_gqa"]:
        raise Inexpressible
    q, k, v = (call.arranged(part, None) for part in parts)
    if not (q.order == k.order == v.order) or len(q.order) < 3 or min(q.order[-2:]) <= 0:
        raise Inexpressible
    *front, rows, _ = q.shape
    transposed = call.arranged(k._replace(order=(*k.order[:-2], k.order[-1], k.order[-2])), None)
    shape = (*front, rows, k.shape[-2])
    scores = call.emit("matmul", {}, [q, transposed], shape, q.order)
    scores = call.emit("rescale", {"factor": factor}, [scores], shape, q.order)
    weights = call.emit("softmax", {"dim": len(shape)}, [scores], shape, q.order)
    return call.emit("matmul", {}, [weights, v], (*front, rows, v.shape[-1]), q.order)


def either_product(call: Call, left: Tensor, right: Tensor) -> Tensor | None:
    """The same for the product of weights and values, or of both transposed, v·wᵀ."""
    found = products(call, left, right)
    if found is not None:
        return found
    left, right = (each._replace(order=(*each.order[:-2], each.order[-1], each.order[-2])) for each in (left, right))
    found = products(call, right, left)
    return found and found._replace(order=(*found.order[:-2], found.order[-1], found.order[-2]))


def products(call: Call, weights: Tensor, values: Tensor) -> Tensor | None:
    """Softmax(q·kᵀ·s)·v, where s = 1/√d stands before or behind the first product; None for any other product."""
    nodes = call.emission.nodes
    softmax = nodes.get(_behind(nodes, weights.name, "dropout"))
    if softmax is None or softmax.kind != "softmax" or softmax.arguments.get("dim") != 3 or len(weights.shape) != 3:
        return None
    scores = nodes.get(_behind(nodes, softmax.inputs[0], "rescale"))
    if (
        scores is None
        or scores.kind != "matmul"
        or weights.order[-2:] != (2, 3)
        or len(values.order) != len(weights.order)
    ):
        return None
    factor = _factor(nodes, softmax.inputs[0], ("rescale",))
    for name in scores.inputs:
        factor *= _factor(nodes, name, ("rescale", *MOVES))
    (heads, rows, width), keys = call.emission.shapes[scores.inputs[0]], call.emission.shapes[scores.inputs[1]]
    if not isclose(factor, width**-0.5, rel_tol=1e-5) or keys[0] != heads or len(values.shape) != 3:
        return None
    front = weights.order[:-2]
    parts = [
        Tensor(scores.inputs[0], (heads, rows, width), (*front, 2, 3)),
        Tensor(scores.inputs[1], keys, (*front, 3, 2)),
        values,
    ]
    try:
        _require_heads(parts)
    except Inexpressible:
        return None
    result = attend(call, parts, False, ("rescale",))
    call.emission.absorbed.add(scores.name)
    return result


def _behind(nodes: dict[str, TracedNode], name: str, kind: str) -> str:
    """The tensor before the layers of this kind."""
    while (node := nodes.get(name)) is not None and node.kind == kind:
        name = node.inputs[0]
    return name


def _factor(nodes: dict[str, TracedNode], name: str, kinds: Sequence[str]) -> float:
    """The product of the factors before a tensor."""
    factor = 1.0
    while (node := nodes.get(name)) is not None and node.kind in kinds and len(node.inputs) == 1:
        if node.kind == "rescale":
            if node.arguments.get("offset"):
                return 0.0
            factor *= float(node.arguments.get("factor", 1))  # type: ignore[arg-type] # a number
        name = node.inputs[0]
    return factor


def _require_heads(parts: Sequence[Tensor]) -> None:
    """Require [batch, heads, positions, numbers], or batch and heads folded into one."""
    for part in parts:
        front = part.order[:-2]
        folded = len(front) == 1 and front[0] < 0
        if len(part.shape) != 3 or min(part.order[-2:]) <= 0 or not (folded or (len(front) == 2 and front[0] == 0)):
            raise Inexpressible
        if sorted(map(abs, part.order)) != ([1, 2, 3] if folded else [0, 1, 2, 3]):
            raise Inexpressible
    if len({part.order[0] for part in parts}) > 1 and any(part.order[0] == 0 for part in parts):
        raise Inexpressible
