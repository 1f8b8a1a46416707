"""Adds an attention, given the queries, keys and values of its heads, and returns its output as PyTorch sees it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose, prod
from typing import NamedTuple

import numpy as np

from cnncalc.importers.pytorch.call import Call, ascending, sign
from cnncalc.importers.pytorch.cuts import Cut, cut_of
from cnncalc.importers.pytorch.places import names_of_origins, origins
from cnncalc.importers.pytorch.rules.biases import Biased, Fields, biases, scale
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Stored, Tensor, plain
from cnncalc.importers.pytorch.windows import Local, rows_of

NORMS = {"l2norm": "l2", "layernorm": "layernorm", "rmsnorm": "rmsnorm"}
SCALED = "the scores are not scaled by 1/√d, as those of an attention of a spec are"


def _places(local: Local, by_offset: bool) -> Local:
    """Evenly spaced positions: as many as a table of offsets has entries for, or so far apart."""
    return local._replace(field="grid") if by_offset and local.field == "dilation" else local


class Scores(NamedTuple):
    """What happens to q·kᵀ before softmax."""

    factor: float
    added: Sequence[Constant | Tensor] = ()
    scaled: Constant | None = None  # a learned factor per head
    causal: bool = False
    layers: tuple[str, ...] = ()  # the layers that the attention stands for


def attend(call: Call, parts: Sequence[Tensor], scores: Scores) -> Tensor:
    """Add an attention of queries, keys and values: axes of heads and groups, then positions, then numbers.

    Raises:
        Inexpressible: no field of ours says what it does.
    """
    try:
        return _attend(call, parts, scores)
    except Inexpressible:
        call.emission.release()
        raise


def _attend(call: Call, parts: Sequence[Tensor], scores: Scores) -> Tensor:
    cuts = [cut_of(call.emission, part, ("rescale", *NORMS)) for part in parts]
    local = _local(parts, cuts)
    known = [cut for cut in cuts if cut is not None]
    h, g = (_heads(part, cut) for part, cut in zip(parts[:2], cuts[:2], strict=True))
    d, dv = (part.shape[abs(part.order[-1]) - 1] for part in (parts[0], parts[2]))
    passed = [name for cut in known for name in cut.passed if call.emission.nodes[name].kind in NORMS]
    call.emission.absorb([*scores.layers, *passed])
    inputs, fields = _inputs(call, parts, cuts, h == g)
    if len(inputs) == 1 and d != dv:
        fields["key_dim"] = d
    sizes, keys = inputs[0].shape[1:], inputs[-1].shape[1:]
    biased = Biased(h, sizes, keys, local)
    stored: dict[str, Stored] = {}
    more: dict[str, object] = {}
    masks: list[Tensor] = []
    for found in (_norms(call, passed), scale(scores.scaled, h), biases(call, scores.added, biased)):
        stored |= found.stored
        more |= found.fields
        masks += found.masks
    arguments = {
        "num_heads": h,
        **({"num_kv_heads": g} if g != h else {}),
        **({"is_causal": True} if scores.causal else {}),
        **(_places(local, "relative_bias" in more).arguments(sizes) if local else {}),
        **fields,
        **more,
    }
    if len(masks) > 1:
        raise Inexpressible
    out = call.emit("attention", arguments, [*inputs, *masks], (h * dv, *sizes), None, stored)
    if scores.scaled is None and not isclose(scores.factor, d**-0.5, rel_tol=1e-5):
        call.emission.note(SCALED, out.name)
    if local is not None:
        call.emission.groups[out.name] = local
    return _seen(call, out, parts[0], (h, dv), local, known[0].heads_first if known else True)


def _heads(part: Tensor, cut: Cut | None) -> int:
    return len(cut.heads) if cut else part.shape[abs(part.order[-3]) - 1]


def _local(parts: Sequence[Tensor], cuts: Sequence[Cut | None]) -> Local | None:
    """The groups of positions within which all three attend.

    Raises:
        Inexpressible: they differ, or there are groups that are not known.
    """
    found = {cut.local for cut in cuts if cut is not None}
    if None in cuts:
        found.add(None)
        _require_heads([part for part, cut in zip(parts, cuts, strict=True) if cut is None])
    if len(found) > 1:
        raise Inexpressible
    return found.pop()


def _seen(
    call: Call, out: Tensor, part: Tensor, width: tuple[int, int], local: Local | None, heads_first: bool
) -> Tensor:
    """The output as PyTorch sees it: the axes in front of the queries', their positions, and the numbers of a head."""
    h, dv = width
    front = [axis for axis in part.order[:-2] if axis != 0]
    order = ascending([sign(axis) for axis in (*part.order[:-2], 1, 1)])
    sizes = out.shape[1:]
    if local is None and len(front) == 1:
        shape: Sizes = (h, dv, prod(sizes))
        split = call.emit("reshape", {"shape": list(shape)}, [out], shape, own=False)
        return Tensor(split.name, shape, (*order[:-2], order[-1], order[-2]))
    rows = prod(local.extents if local else sizes)
    shape = (*(part.shape[abs(axis) - 1] for axis in front), rows, dv)
    if prod(shape) != prod(out.shape):
        raise Inexpressible
    moved = regroup(call, out, local, (h, dv), heads_first)
    result = call.emit("reshape", {"shape": list(shape)}, [moved], shape, own=False)
    return Tensor(result.name, shape, order)


def regroup(call: Call, out: Tensor, local: Local | None, width: tuple[int, ...], heads_first: bool = False) -> Tensor:
    """A map, its channels divided, as [groups, heads, positions of a group, numbers], or the heads first."""
    sizes = out.shape[1:]
    local = local or Local("window", sizes, (0,) * len(sizes))
    if any(local.shift):
        arguments = {"shifts": [-step for step in local.shift], "dims": list(range(2, len(sizes) + 2))}
        out = call.emit("roll", arguments, [out], out.shape, own=False)
    shape = (*width, *(size for pair in local.splits(sizes) for size in pair))
    out = call.emit("reshape", {"shape": list(shape)}, [out], shape, own=False)
    groups, inside = local.axes(len(width) + 1)
    heads = list(range(1, len(width)))
    dims = [*(heads if heads_first else []), *groups, *([] if heads_first else heads), *inside, len(width)]
    return call.emit("permute", {"dims": dims}, [out], tuple(shape[dim - 1] for dim in dims), own=False)


def regrouped(call: Call, tensor: Tensor) -> Tensor | None:
    """The groups of an attention's output, by moves that keep its channels whole; None for other tensors."""
    emission = call.emission
    names = names_of_origins(emission, tensor.name) if emission.groups else ()
    found = any(name in emission.groups and emission.shapes[name][0] == tensor.shape[-1] for name in names)
    if not found or tensor.order[-1] != len(tensor.shape):
        return None
    for name, places, _ in origins(call.emission, tensor):
        local, map_shape = call.emission.groups.get(name), call.emission.shapes[name]
        if local is None or tensor.shape[-1] != map_shape[0]:
            continue
        rows = rows_of(map_shape[1:], local).reshape(-1, 1)
        wanted = np.arange(map_shape[0]) * prod(map_shape[1:]) + rows
        if np.array_equal(places.reshape(wanted.shape), wanted):
            moved = regroup(call, plain(name, map_shape), local, (map_shape[0],))
            result = call.emit("reshape", {"shape": list(tensor.shape)}, [moved], tensor.shape, own=False)
            return result._replace(order=tensor.order)
    return None


def _inputs(
    call: Call, parts: Sequence[Tensor], cuts: Sequence[Cut | None], alike: bool
) -> tuple[list[Tensor], dict[str, object]]:
    """The maps that hold queries, keys and values, as few as possible, and how they are packed."""
    known = [cut for cut in cuts if cut is not None]
    for first in (0, 1):  # one map holds all from this one on
        held = known[first:]
        if len(known) < 3 or len({cut[:2] for cut in held}) > 1:
            continue
        apart = _concatenated(call, held)
        if apart:
            return [
                *(_map_of(call, part, cut) for part, cut in zip(parts[:first], cuts[:first], strict=True)),
                *apart,
            ], {}
        size = call.emission.shapes[held[0].name][held[0].axis]
        before = [_map_of(call, part, cut) for part, cut in zip(parts[:first], cuts[:first], strict=True)]
        if [channel for cut in held for channel in cut.flat] == list(range(size)):
            return [*before, _turned(call, held[0])], {}
        by_head = [channel for heads in zip(*(cut.heads for cut in held), strict=False) for h in heads for channel in h]
        if alike and by_head == list(range(size)):
            return [*before, _turned(call, held[0])], {"packing": "heads"}
    maps = {part: _map_of(call, part, cut) for part, cut in dict(zip(parts, cuts, strict=True)).items()}
    return [maps[part] for part in parts], {}


def _concatenated(call: Call, held: Sequence[Cut]) -> list[Tensor]:
    """The maps whose channels were concatenated, if each holds one of keys and values, and of queries; else none."""
    node = call.emission.nodes.get(held[0].name)
    if node is None or node.kind != "concat" or node.arguments.get("dim") != held[0].axis + 1:
        return []
    maps = [plain(name, call.emission.shapes[name]) for name in node.inputs]
    ends = [cut.flat[0] for cut in held if cut.flat == list(range(cut.flat[0], cut.flat[-1] + 1))]
    starts = [sum(each.shape[held[0].axis] for each in maps[:number]) for number in range(len(maps))]
    if ends != starts or len(ends) != len(held):
        return []
    return [_turned(call, cut._replace(name=each.name)) for cut, each in zip(held, maps, strict=True)]


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
            bounds = {"dim": 1, "start": start, "step": 1} | ({"end": end} if end < tensor.shape[0] else {})
            return call.emit("slice", bounds, [tensor], (len(flat), *tensor.shape[1:]), own=False)
        if cut.local is not None:
            raise Inexpressible
    heads, positions, numbers = (abs(axis) for axis in part.order[-3:])
    dims = [heads, numbers, positions]
    shape = tuple(part.shape[dim - 1] for dim in dims)
    moved = plain(part.name, part.shape)
    if dims != [1, 2, 3]:
        moved = call.emit("permute", {"dims": dims}, [moved], shape, own=False)
    flat_shape = (shape[0] * shape[1], shape[2])
    return call.emit("flatten", {"end_dim": 2}, [moved], flat_shape, own=False)


def _norms(call: Call, passed: Sequence[str]) -> Fields:
    """The normalization of queries and keys."""
    nodes = [call.emission.nodes[name] for name in passed]
    if not nodes:
        return Fields({}, {}, [])
    if len(nodes) != 2 or nodes[0].kind != nodes[1].kind:
        raise Inexpressible
    stored: dict[str, Stored] = {}
    for which, node in zip("qk", nodes, strict=True):
        rank = len(node.output)
        if node.arguments.get("axis", "last") != "last" or node.arguments.get("dim", [rank]) not in ([rank], rank):
            raise Inexpressible
        stored |= {f"{which}_norm_{name}": each for name, each in call.emission.stored[node.name].items()}
    return Fields({"qk_norm": NORMS[nodes[0].kind]}, stored, [])


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
