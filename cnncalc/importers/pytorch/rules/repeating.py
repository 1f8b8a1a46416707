"""Rules for operations that repeat rows of a tensor: `expand`, `repeat`, `tile`, `repeat_interleave`."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.importers.pytorch.call import Call, Rule, ascending, sign
from cnncalc.importers.pytorch.values import Inexpressible, Tensor
from cnncalc.limits import LONGEST_LIST

MOST_AXES = 4  # of a map whose rows are repeated one by one as `upsample` does


def _expand(call: Call) -> Tensor:
    """The input: a sum or product that reads the result broadcasts by itself; for other readers its row is repeated."""
    tensor = next(call.tensors())
    seen = tensor.seen(call.batch)
    if seen == call.seen or call.readers <= {"add", "sub", "mul", "div"}:
        return tensor
    if len(seen) != len(call.seen):
        raise Inexpressible
    for dim, (before, after) in enumerate(zip(seen, call.seen, strict=True)):
        if before != after:
            tensor = _taken(call, tensor, dim, [0] * after)
    return tensor


def _repeat(call: Call) -> Tensor:
    """The whole tensor so many times along each dimension, of which the first may be new ones."""
    tensor = call.tensor("self")
    counts = list(call["repeats"] if "repeats" in call.arguments else call["dims"])
    if len(counts) < len(tensor.order):  # `tile` may leave out the first ones
        counts = [1] * (len(tensor.order) - len(counts)) + counts
    if len(counts) > len(tensor.order):
        raise Inexpressible
    for dim, count in enumerate(counts):
        if count != 1:
            tensor = _taken(call, tensor, dim, list(range(_size(tensor, dim))) * count)
    return tensor


def _repeat_interleave(call: Call) -> Tensor:
    """Every row so many times in a row; of the images, as an axis of its own, folded into the batch."""
    tensor, count = call.tensor("self"), call["repeats"]
    if not isinstance(count, int) or call["dim"] is None:
        raise Inexpressible
    if count == 1:
        return tensor
    dim = call["dim"] % len(tensor.order)
    if tensor.order[dim] > 1 and len(tensor.shape) <= MOST_AXES:
        factors = [count if axis == tensor.order[dim] else 1 for axis in range(2, len(tensor.shape) + 1)]
        shape = (tensor.shape[0], *(size * each for size, each in zip(tensor.shape[1:], factors, strict=True)))
        return call.emit("upsample", {"mode": "nearest", "scale_factor": factors}, [tensor], shape, tensor.order)
    if tensor.order[dim] != 0:
        return _taken(call, tensor, dim, [row for row in range(_size(tensor, dim)) for _ in range(count)])
    tensor = call.arranged(tensor, None)
    if dim != 0:
        raise Inexpressible
    shape = (1, *tensor.shape)
    widened = call.emit("reshape", {"shape": list(shape)}, [tensor], shape, own=False)
    order = ascending([-1, *(sign(axis) for axis in tensor.order[1:])])
    return _taken(call, widened._replace(order=order), 0, [0] * count)


def _taken(call: Call, tensor: Tensor, dim: int, rows: Sequence[int]) -> Tensor:
    """The rows with these numbers, of a dimension that PyTorch sees; of one that the batch is folded into, inside."""
    axis = abs(tensor.order[dim])
    if axis == 0 or len(rows) > LONGEST_LIST:
        raise Inexpressible
    shape = (*tensor.shape[: axis - 1], len(rows), *tensor.shape[axis:])
    return call.emit("take", {"indices": list(rows), "dim": axis}, [tensor], shape, tensor.order)


def _size(tensor: Tensor, dim: int) -> int:
    """The size of an axis of ours."""
    return tensor.shape[tensor.axis(dim) - 1]


REPEATING: dict[str, Rule] = {
    "expand": _expand,
    "expand_as": _expand,
    "repeat": _repeat,
    "tile": _repeat,
    "repeat_interleave": _repeat_interleave,
}
