"""Layers that act on channels alone stand before the moves that make windows, where a person would write them.

A network that attends within windows cuts its map into them, applies its linear layers, normalizations and sums there,
and puts the windows back. Each such layer is added to the map itself; the moves follow it, and are removed with all
that nothing reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.importers.pytorch.call import Call, Result
from cnncalc.importers.pytorch.places import MOST_MOVES, move, moves
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor
from cnncalc.importers.traced import TracedNode

ALONG_LAST = ("linear", "layer_norm", "rms_norm")  # whose last axis holds channels, whatever came before
HOISTED = (
    *("linear", "layer_norm", "rms_norm", "dropout", "add", "mul", "sub", "div"),
    *("gelu", "relu", "relu6", "silu", "sigmoid", "tanh", "hardswish", "leaky_relu", "mish"),
)
CHANNELWISE = ("linear", "layernorm", "rmsnorm")


class Chain(NamedTuple):
    """A map, and the moves that made a tensor of it."""

    source: Tensor  # with the axis of the tensor's channels last
    nodes: Sequence[TracedNode]
    axes: Sequence[int]  # that of the channels, in the map and after each move
    order: tuple[int, ...]  # of the tensor

    @property
    def whole(self) -> str:
        """The field of a group of positions that covers the map: its outer axes are those of the grid, or of one."""
        for node, axis in zip(self.nodes, self.axes[1:], strict=True):
            if len(node.output) > len(self.source.shape):
                sizes = [size for place, size in enumerate(node.output) if place != axis]
                return "grid" if sizes[1] == 1 != sizes[0] else "window"
        return "window"

    def rows(self) -> NDArray[np.int64]:
        """The position in the map of every position of the tensor, in their order."""
        sizes = (*self.source.shape[: self.axes[0]], 1, *self.source.shape[self.axes[0] + 1 :])
        places = np.arange(prod(sizes)).reshape(sizes)
        for node, axis in zip(self.nodes, self.axes[1:], strict=True):
            places = move(node._replace(output=_resized(node.output, axis, 1)), places)
        rows: NDArray[np.int64] = places.transpose([abs(axis) - 1 for axis in self.order if axis != 0]).reshape(-1)
        return rows


def hoist(call: Call, translate: Callable[[Call], Result | None]) -> Tensor | None:
    """The result of a layer that acts on the channels of a map, followed by the moves; None for anything else.

    Args:
        call: the operation, on the moved tensor.
        translate: adds the layer of an operation.
    """
    if call.op not in HOISTED or call.arguments.get("normalized_shape", [1])[1:]:
        return None
    tensors = list(call.tensors())
    chains = [chain for tensor in tensors if (chain := _chain_of(call, tensor))]
    if not chains or len(chains) < len(tensors) or len(chains) > 2 or not _are_alike(chains[0], chains[-1]):
        return None
    first = chains[0]
    arguments = {name: _before(value, chains, call) for name, value in call.arguments.items()}
    seen = (*first.source.seen(call.batch)[:-1], call.seen[-1])
    if any(isinstance(arguments.get(name), Constant) and len(arguments[name].shape) > 1 for name in ("self", "other")):
        return None  # it differs from position to position
    result = translate(replace(call, arguments=arguments, seen=seen))
    if not isinstance(result, Tensor):
        return None
    try:
        if result.order != first.source.order:
            raise Inexpressible
        moved = _replay(call, first, result)
    except Inexpressible:
        call.emission.roll_back()
        return None
    call.emission.wholes[result.name] = first.whole
    return moved


def _before(value: Any, chains: Sequence[Chain], call: Call) -> Any:  # noqa: ANN401
    """An argument as the layer on the map has it."""
    if isinstance(value, Tensor):
        return next(chain.source for tensor, chain in zip(call.tensors(), chains, strict=True) if tensor == value)
    if isinstance(value, Constant) and len(value.shape) > 1 and prod(value.shape[:-1]) == 1:
        return value._replace(shape=value.shape[-1:])
    return value


def _are_alike(one: Chain, other: Chain) -> bool:
    """Whether two tensors are moved in the same way."""
    if one is other:
        return True
    same = (one.source.order, one.source.seen(1)[:-1]) == (other.source.order, other.source.seen(1)[:-1])
    return same and np.array_equal(one.rows(), other.rows())


def _chain_of(call: Call, tensor: Tensor) -> Chain | None:
    """The earliest map that moves made a tensor of, if they cut it into parts or roll it."""
    emission = call.emission
    if tensor.order[-1] <= 0:
        return None
    nodes: list[TracedNode] = []
    name, cuts = tensor.name, False
    found = []
    while moves(emission, node := emission.nodes.get(name)) and node is not None and node.kind != "slice":
        if len(nodes) == MOST_MOVES:
            break
        nodes.append(node)
        name = node.inputs[0]
        shape = emission.shapes[name]
        cuts = cuts or node.kind == "roll" or len(node.output) > len(shape)
        if cuts and 3 <= len(shape) <= 4:
            found += list(_chains(call, tensor, name, nodes[::-1]))
    return found[-1] if found else None


def _chains(call: Call, tensor: Tensor, name: str, nodes: list[TracedNode]) -> Iterator[Chain]:
    shape = call.emission.shapes[name]
    before = call.emission.nodes.get(name)
    ends = call.op in ALONG_LAST or (
        before is not None and before.kind in CHANNELWISE and before.arguments.get("axis") == "last"
    )
    for axis in (0, *([len(shape) - 1] if ends else [])):
        axes = _follow(axis, shape, nodes)
        if axes is not None and axes[-1] == tensor.order[-1] - 1:
            order = (0, *(place for place in range(1, len(shape) + 1) if place != axis + 1), axis + 1)
            yield Chain(Tensor(name, shape, order), nodes, axes, tensor.order)


def _follow(axis: int, shape: Sizes, nodes: Sequence[TracedNode]) -> list[int] | None:
    """The place of an axis after each move; None if one of them divides it, merges it or rolls it."""
    axes = [axis]
    for node in nodes:
        after: Any = node.output
        arguments: Any = node.arguments
        if node.kind == "permute":
            axis = list(arguments["dims"]).index(axis + 1)
        elif node.kind == "roll" and axis + 1 in arguments["dims"]:
            return None
        elif node.kind in ("roll", "pad"):
            pass
        else:
            front, size = prod(shape[:axis]), shape[axis]
            places = [place for place, each in enumerate(after) if each == size and prod(after[:place]) == front]
            if not places:
                return None
            axis = places[-1] if size == 1 else places[0]
        shape = after
        axes.append(axis)
    return axes


def _replay(call: Call, chain: Chain, tensor: Tensor) -> Tensor:
    """The same moves of another tensor of as many positions."""
    channels = tensor.shape[chain.axes[0]]
    for node, axis in zip(chain.nodes, chain.axes[1:], strict=True):
        shape = _resized(node.output, axis, channels)
        arguments = {**node.arguments, **({"shape": list(shape)} if node.kind == "reshape" else {})}
        tensor = call.emit(node.kind, arguments, [tensor], shape, own=False)
    return tensor._replace(order=chain.order)


def _resized(shape: Sequence[Any], axis: int, size: int) -> Sizes:
    return (*shape[:axis], size, *shape[axis + 1 :])
