"""Rules for attention: PyTorch's function, and the two products around a softmax that stand for it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose, prod

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.places import MOVES, Cut, cut_of
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Inexpressible, Tensor, plain
from cnncalc.importers.traced import TracedNode


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
