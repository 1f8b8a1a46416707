"""Windows that slide over maps folded into the batch, such as those of the heads of an attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnncalc.importers.pytorch.call import Call, Rule
from cnncalc.importers.pytorch.rules.joins import concatenate
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor, plain

AROUND = {"kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0}  # along an axis that a window does not cross
MOST_RANK = 3  # of a window
MOST_PARTS = 32  # maps that are taken one by one


def on_each(make: Callable[[int], Rule], rank: int) -> Rule:
    """A rule that also takes maps folded into the batch: as one map with a further axis that no window crosses.

    Where a window has three axes already, each map is read by itself, with the same weights.
    """

    def rule(call: Call) -> Tensor:
        name = "input" if "input" in call.arguments else "self"
        entering = call[name]
        if not isinstance(entering, Tensor) or entering.order[0] >= 0 or len(entering.shape) != rank + 2:
            return make(rank)(call)  # type: ignore[return-value] # as these rules do
        return (_one_by_one if rank == MOST_RANK else _as_one)(make, rank, call, name)

    return rule


def _as_one(make: Callable[[int], Rule], rank: int, call: Call, name: str) -> Tensor:
    entering = call.tensor(name)
    count, folded = entering.shape[-entering.order[0] - 1], entering.order
    dims = [folded[1], -folded[0], *folded[2:]]
    shape = tuple(entering.shape[dim - 1] for dim in dims)
    moved = Tensor(entering.name, entering.shape, (0, *dims))
    arguments = {field: _further(call[field], field) for field in AROUND if field in call.arguments}
    if isinstance(call.arguments.get("weight"), Constant):
        weight: Constant = call["weight"]
        arguments["weight"] = weight._replace(shape=(*weight.shape[:2], 1, *weight.shape[2:]))
    seen = (call.batch, call.seen[1], count, *call.seen[2:])
    arranged = call.arranged(moved, None)
    if arranged.shape != shape:
        raise Inexpressible
    result = make(rank + 1)(replace(call, arguments={**call.arguments, **arguments, name: arranged}, seen=seen))
    assert isinstance(result, Tensor)
    return result._replace(order=(-2, 1, *range(3, rank + 3)))


def _one_by_one(make: Callable[[int], Rule], rank: int, call: Call, name: str) -> Tensor:
    entering = call.arranged(call.tensor(name), None)
    count, *shape = entering.shape
    seen = (call.batch, *call.seen[1:])
    if count > MOST_PARTS:
        raise Inexpressible
    results = []
    for number in range(count):
        bounds = {"dim": 1, "start": number, "step": 1} | ({"end": number + 1} if number + 1 < count else {})
        part = call.emit("slice", bounds, [entering], (1, *shape), own=False)
        part = call.emit("reshape", {"shape": shape}, [part], tuple(shape), own=False)
        result = make(rank)(replace(call, arguments={**call.arguments, name: part}, seen=seen))
        if not isinstance(result, Tensor) or not result.plain:
            raise Inexpressible
        more = (1, *result.shape)
        results.append(call.emit("reshape", {"shape": list(more)}, [result], more, own=False))
    joined = concatenate(call, [plain(each.name, each.shape) for each in results], 1)
    return joined._replace(order=(-1, *range(2, rank + 3)))


def _further(value: Any, field: str) -> Any:  # noqa: ANN401
    """A field of a window with a further axis in front."""
    return [AROUND[field], *value] if isinstance(value, list | tuple) and value else value
