"""Follows the places of numbers through layers that only move them.

How heads are cut out of a map is never read from the spelling: views, permutations and slices are run on the numbers of
all places, which shows the channels that each head reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.emission import Emission
from cnncalc.importers.pytorch.values import Sizes, Tensor
from cnncalc.importers.traced import TracedNode

MOVES = ("reshape", "permute", "flatten", "slice", "roll")
MOST = 1 << 24  # numbers of a tensor whose places are followed
MOST_FOLLOWED = 1 << 32  # numbers of all tensors together
MOST_MOVES = 64  # layers, one behind the other, that are looked back through


def moves(emission: Emission, node: TracedNode | None) -> bool:
    """Whether a layer only moves numbers; padding of a rolled map by no rows does."""
    if node is None or len(node.inputs) != 1:
        return False
    before = emission.nodes.get(node.inputs[0])
    unpadded = node.kind == "pad" and node.output == emission.shapes[node.inputs[0]]
    return node.kind in MOVES or (unpadded and before is not None and before.kind == "roll")


def names_of_origins(emission: Emission, name: str) -> Iterator[str]:
    """The names of the tensors that layers only moved to make this one, from itself backwards."""
    yield name
    for _ in range(MOST_MOVES):
        if not moves(emission, emission.nodes.get(name)):
            return
        (name,) = emission.nodes[name].inputs
        yield name


def origins(
    emission: Emission, tensor: Tensor, commuting: Sequence[str] = ()
) -> Iterator[tuple[str, NDArray[np.int64], tuple[str, ...]]]:
    """The tensors that layers only moved to make this one, from itself backwards.

    For each, the place in it of every number of the tensor, with the axes as PyTorch sees them, without the batch; and
    the layers of the kinds in `commuting` on the way.
    """
    shape, name = emission.shapes[tensor.name], tensor.name
    if prod(shape) > MOST or emission.followed > MOST_FOLLOWED:
        return
    places = np.arange(prod(shape)).reshape(shape).transpose([abs(axis) - 1 for axis in tensor.order if axis != 0])
    passed: tuple[str, ...] = ()
    for _ in range(MOST_MOVES):
        emission.followed += places.size
        yield name, places, passed
        node = emission.nodes.get(name)
        if node is None or not (moves(emission, node) or (node.kind in commuting and len(node.inputs) == 1)):
            return
        name = node.inputs[0]
        shape = emission.shapes[name]
        if prod(shape) > MOST or emission.followed > MOST_FOLLOWED:
            return
        if node.kind in commuting:
            passed = (*passed, node.name)
        elif node.kind not in ("reshape", "flatten"):
            places = move(node, np.arange(prod(shape)).reshape(shape)).ravel()[places]


def move(node: TracedNode, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Apply one layer to the places."""
    arguments = node.arguments
    if node.kind in ("reshape", "flatten"):
        places = places.reshape([int(str(size)) for size in node.output])
    elif node.kind == "permute":
        dims: list[int] = arguments["dims"]  # type: ignore[assignment] # as a rule emitted it
        places = places.transpose([dim - 1 for dim in dims])
    elif node.kind == "roll":
        steps: list[int] = arguments["shifts"]  # type: ignore[assignment] # as a rule emitted it
        axes: list[int] = arguments["dims"]  # type: ignore[assignment] # as a rule emitted it
        places = np.roll(places, steps, tuple(axis - 1 for axis in axes))
    elif node.kind == "slice":
        part = slice(arguments.get("start", 0), arguments.get("end"), arguments.get("step", 1))
        dim: int = arguments.get("dim", 1)  # type: ignore[assignment] # as a rule emitted it
        index = (*(slice(None) for _ in range(dim - 1)), part)
        places = places[index]
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
    shapes = [call.emission.shapes[name] for name in names_of_origins(call.emission, tensor.name)]
    if not any(sorted(shape) == sorted(wanted) for shape in shapes[1:]):
        return None
    found = None
    for name, places, _ in origins(call.emission, tensor):
        shape = call.emission.shapes[name]
        if len(shape) != len(wanted) or prod(shape) != prod(wanted) or name == tensor.name:
            continue
        dims = _order_of(places.reshape(wanted), shape)
        if dims is not None:
            order = [dim + 1 for dim in dims]
            found = Tensor(name, shape, (*order[:at], 0, *order[at:]))
    return found


def rolled_back(call: Call, tensor: Tensor, axes: Sequence[int], shifts: Sequence[int]) -> Tensor | None:
    """An earlier tensor that was rolled by as much in the other direction."""
    names = names_of_origins(call.emission, tensor.name)
    if not any(name in call.emission.nodes and call.emission.nodes[name].kind == "roll" for name in names):
        return None
    for name, places, _ in origins(call.emission, tensor._replace(order=tuple(range(len(tensor.shape) + 1)))):
        rolled = np.roll(places, list(shifts), tuple(axis - 1 for axis in axes))
        if call.emission.shapes[name] == tensor.shape and np.array_equal(rolled.ravel(), np.arange(rolled.size)):
            return tensor._replace(name=name)
    return None


def _order_of(places: NDArray[np.int64], shape: Sizes) -> list[int] | None:
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
        step = int(places.take(1, dim).flat[0] - places.flat[0])
        if step not in steps:
            return None
        dims.append(steps[step])
    if sorted(dims) != list(range(len(shape))):
        return None
    whole = np.arange(prod(shape)).reshape(shape).transpose(dims)
    return dims if whole.shape == places.shape and np.array_equal(whole, places) else None
