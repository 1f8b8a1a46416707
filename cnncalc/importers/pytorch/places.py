"""Follows the places of numbers through layers that only move them.

How heads are cut out of a map is never read from the spelling: views, permutations and slices are run on the numbers of
all places, which shows the channels that each head reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import torch

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.values import Sizes, Tensor
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
        count = prod(shape) // shape[axis]
        if count != places.shape[1] or not _is_cut(shape, axis, places[:, :, :1]):  # few numbers refute most axes
            continue
        if _is_cut(shape, axis, places):
            return Cut(name, axis, _channels(shape, axis, places[:, 0]).tolist())
    return None


def _is_cut(shape: Sizes, axis: int, places: torch.Tensor) -> bool:
    """Whether each number of a head reads one channel along an axis, at the positions in their order."""
    channel = _channels(shape, axis, places)
    if not torch.equal(channel, channel[:, :1].expand_as(channel)):
        return False
    each = prod(shape[axis + 1 :])
    position = places // (each * shape[axis]) * each + places % each
    row = torch.arange(places.shape[1])[None, :, None]
    return torch.equal(position, row.expand_as(position))


def _channels(shape: Sizes, axis: int, places: torch.Tensor) -> torch.Tensor:
    """The channel of every place: its index along an axis."""
    return places // prod(shape[axis + 1 :]) % shape[axis]
