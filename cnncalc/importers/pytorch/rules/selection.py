"""Rules for parts of a tensor, and for its reduction along some axes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

from cnncalc.importers.pytorch.call import Call, Parts, Rule
from cnncalc.importers.pytorch.rules.joins import concatenate
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor, plain
from cnncalc.importers.traced import TracedNode


def _part(call: Call, tensor: Tensor, dim: int, start: int, end: int, step: int = 1) -> Tensor:
    """The indices from `start` to before `end` of a dimension that PyTorch sees; on several spatial axes, a crop."""
    axis = tensor.axis(dim)
    size = tensor.shape[axis - 1]
    if (start, end, step) == (0, size, 1):
        return tensor
    kept = len(range(start, end, step))
    shape = (*tensor.shape[: axis - 1], kept, *tensor.shape[axis:])
    before = call.before(tensor, "slice", "crop")
    if before is not None and step == 1 and axis > 1 and tensor.plain:
        margin = _margin(before, call.emission.shapes[before.inputs[0]])
        if margin is not None:
            margin[axis - 2] = [start, size - end]
            source = plain(before.inputs[0], call.emission.shapes[before.inputs[0]])
            call.emission.drop(before.name)
            return call.emit("crop", {"margin": margin}, [source], shape)
    arguments = {"dim": axis, "start": start, "step": step} | ({"end": end} if end < size else {})
    return call.emit("slice", arguments, [tensor], shape, tensor.order)


def _margin(before: TracedNode, shape: Sizes) -> list[list[int]] | None:
    """The rows per axis that a crop, or a slice of a spatial axis, removes on both sides; None for any other slice."""
    arguments: Any = before.arguments
    if before.kind == "crop":
        return [list(pair) for pair in arguments["margin"]]
    axis, start = arguments["dim"], arguments["start"]
    if axis < 2 or arguments["step"] != 1:
        return None
    margin = [[0, 0] for _ in shape[1:]]
    margin[axis - 2] = [start, shape[axis - 1] - arguments.get("end", shape[axis - 1])]
    return margin


def _drop_axis(call: Call, tensor: Tensor, dim: int) -> Tensor:
    """The tensor without an axis of size 1."""
    axis = tensor.axis(dim)
    shape = (*tensor.shape[: axis - 1], *tensor.shape[axis:])
    order = tuple(_renumber(each, axis) for place, each in enumerate(tensor.order) if place != dim % len(tensor.order))
    return call.emit("reshape", {"shape": list(shape)}, [tensor], shape, order)


def _renumber(each: int, gone: int) -> int:
    """The new number of an axis after another axis is removed."""
    if abs(each) < gone:
        return each
    return each - 1 if each > 0 else each + 1


def _slice(call: Call) -> Tensor | Constant:
    """A part; an empty one, such as no tokens in front of the others, is the same for every input."""
    tensor = call.tensor("self")
    size = call.size(tensor, call["dim"])
    start, end, step = slice(call["start"], call["end"], call["step"]).indices(size)
    if start >= end:
        return Constant(call.seen)
    if (start, end, step) == (0, size, 1):
        return tensor
    return _part(call, tensor, call["dim"], start, end, step)


def _slice_scatter(call: Call) -> Tensor:
    """A part replaced: the concatenation of what lies before it, the new part, and what lies after it."""
    base, new = call.tensor("self"), call.tensor("src")
    dim = call["dim"] % len(base.order)
    size = call.size(base, dim)
    start, end, step = slice(call["start"], call["end"], call["step"]).indices(size)
    if step != 1:
        raise Inexpressible
    around = [_part(call, base, dim, *ends) for ends in ((0, start), (end, size)) if ends[0] < ends[1]]
    return concatenate(call, [*around[: start > 0], new, *around[start > 0 :]], dim)


def _narrow(call: Call) -> Tensor:
    tensor = call.tensor("self")
    start = call["start"] % call.size(tensor, call["dim"])
    return _part(call, tensor, call["dim"], start, start + call["length"])


def _select(call: Call) -> Tensor:
    return _one(call, call["dim"], call["index"])


def _one(call: Call, dim: int, index: int) -> Tensor:
    tensor = call.tensor("self")
    start = index % call.size(tensor, dim)
    return _drop_axis(call, _part(call, tensor, dim, start, start + 1), dim)


def _unbind(call: Call) -> Parts:
    call.tensor("self").axis(call["dim"])
    return Parts(lambda number: _one(call, call["dim"], number))


def _parts(call: Call, sizes: list[int]) -> Parts:
    """Consecutive parts of these sizes."""
    tensor = call.tensor("self")
    tensor.axis(call["dim"])
    ends = list(accumulate(sizes))
    return Parts(lambda number: _part(call, tensor, call["dim"], ends[number] - sizes[number], ends[number]))


def _equal_parts(call: Call, each: int) -> Parts:
    size = call.size(call.tensor("self"), call["dim"])
    return _parts(call, [min(each, size - start) for start in range(0, size, each)])


def _split(call: Call) -> Parts:
    given = call["split_size"] if "split_size" in call.arguments else call["split_sizes"]
    return _equal_parts(call, given) if isinstance(given, int) else _parts(call, list(given))


def _tensor_split(call: Call) -> Parts:
    """Parts that begin at indices, or so many as equal as possible, the larger ones first."""
    size = call.size(call.tensor("self"), call["dim"])
    if "indices" in call.arguments:
        bounds = [0, *(index % size for index in call["indices"]), size]
        return _parts(call, [end - start for start, end in pairwise(bounds)])
    each, rest = divmod(size, call["sections"])
    return _parts(call, [each + (number < rest) for number in range(call["sections"])])


def _chunk(call: Call) -> Parts:
    return _equal_parts(call, -(-call.size(call.tensor("self"), call["dim"]) // call["chunks"]))


def _reduce(kind: str) -> Callable[[Call], Tensor]:
    """A layer that reduces some dimensions."""

    def rule(call: Call) -> Tensor:
        tensor = call.tensor("self")
        dims = _dims(call, tensor)
        axes = sorted(tensor.axis(dim) for dim in dims)
        spatial = axes == list(range(2, len(tensor.shape) + 1))
        arguments = {"dim": "spatial" if spatial else axes, "keepdim": call["keepdim"]}
        return call.emit(kind, {**arguments, **_correction(call)}, [tensor], *_reduced(call, tensor, dims))

    return rule


def _correction(call: Call) -> dict[str, object]:
    """By how much a variance divides by less than the number of elements: 1 unless it says otherwise."""
    if "correction" in call.arguments:
        given = 1 if call["correction"] is None else call["correction"]
        if int(given) != given:
            raise Inexpressible
        return {"correction": int(given)}
    return {"correction": int(call["unbiased"])} if "unbiased" in call.arguments else {}


def _amax(call: Call) -> Tensor:
    """The maximum; of every channel, its axes kept, global pooling."""
    tensor = call.tensor("self")
    dims = _dims(call, tensor)
    if sorted(tensor.axis(dim) for dim in dims) != list(range(2, len(tensor.shape) + 1)) or not call["keepdim"]:
        return _reduce("max")(call)
    return call.emit("global_maxpool", {}, [tensor], *_reduced(call, tensor, dims))


def _cumsum(call: Call) -> Tensor:
    tensor = call.tensor("self")
    return call.emit("cumsum", {"dim": tensor.axis(call["dim"])}, [tensor], tensor.shape, tensor.order)


def _glu(call: Call) -> Tensor:
    tensor = call.tensor("self")
    axis = tensor.axis(call["dim"])
    shape = tuple(size // 2 if place == axis else size for place, size in enumerate(tensor.shape, 1))
    return call.emit("glu", {"dim": axis}, [tensor], shape, tensor.order)


def _dims(call: Call, tensor: Tensor) -> list[int]:
    if not call.arguments.get("dim") and call.arguments.get("dim") != 0:
        raise Inexpressible
    given = call["dim"] if isinstance(call["dim"], list | tuple) else [call["dim"]]
    return [dim % len(tensor.order) for dim in given]


def _reduced(call: Call, tensor: Tensor, dims: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and order after a reduction over these dimensions."""
    gone = sorted((tensor.order[dim] for dim in dims), reverse=True)
    shape, order = list(tensor.shape), tensor.order
    for axis in gone:
        if call["keepdim"]:
            shape[axis - 1] = 1
            continue
        del shape[axis - 1]
        order = tuple(_renumber(each, axis) for each in order if each != axis)
    return tuple(shape), order


SELECTION: dict[str, Rule] = {
    "slice": _slice,
    "slice_scatter": _slice_scatter,
    "narrow": _narrow,
    "select": _select,
    "unbind": _unbind,
    "split": _split,
    "split_with_sizes": _split,
    "chunk": _chunk,
    "tensor_split": _tensor_split,
    "mean": _reduce("mean"),
    "sum": _reduce("sum"),
    "amax": _amax,
    "max": _amax,
    "var": _reduce("var"),
    "std": _reduce("std"),
    "cumsum": _cumsum,
    "glu": _glu,
}
