"""Rules for operations that keep every element and change only the shape or the order of the axes."""

from __future__ import annotations

from math import prod

from cnncalc.importers.pytorch.call import Call, Rule, ascending
from cnncalc.importers.pytorch.places import moved_back
from cnncalc.importers.pytorch.rules.attending import regrouped
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Sizes, Tensor, Value


def same(call: Call) -> Tensor:
    """The input itself."""
    return next(call.tensors())


def reshape(call: Call) -> Tensor:
    """Any operation that keeps the elements in order and gives them another shape."""
    name = "self" if "self" in call.arguments else "input"
    entering = call.tensor(name)
    folded = _folded(call, entering)
    if folded is not None:
        return folded
    shuffled = _channel_shuffle(call, entering)
    if shuffled is not None:
        return shuffled
    before = moved_back(call, entering)
    if before is not None:
        return before
    entering = call.arranged(entering, None)
    shape, order = _unbatched(call, entering)
    if shape == entering.shape:
        return Tensor(entering.name, shape, order)
    merged = _find_flattened(entering.shape, shape)
    if merged is None or (call.op != "flatten" and len(shape) > 1):
        result = call.emit("reshape", {"shape": list(shape)}, [entering], shape, order)
        return regrouped(call, result) or result
    start, end = merged
    arguments = {"start_dim": start, "end_dim": -1 if end == len(entering.shape) else end}
    result = call.emit("flatten", arguments, [entering], shape, order)
    return regrouped(call, result) or result


def _folded(call: Call, entering: Tensor) -> Tensor | None:
    """The same tensor with the batch folded into the axis behind it, or parted from it; None for other shapes."""
    front, *rest = entering.order
    if front == 0 and rest and rest[0] > 0 and entering.shape[rest[0] - 1] > 1:
        orders = [(-rest[0], *rest[1:])]
    else:
        orders = [(0, -front, *rest)] if front < 0 else []
    return next(
        (tensor for order in orders if (tensor := entering._replace(order=order)).seen(call.batch) == call.seen), None
    )


def _unbatched(call: Call, entering: Tensor) -> tuple[Sizes, tuple[int, ...]]:
    """Our shape and order for a shape that PyTorch sees; the batch is where as many elements lie before it as now."""
    where = next((place for place, axis in enumerate(entering.order) if axis <= 0), None)
    if where is None:
        raise Inexpressible
    before, seen = prod(entering.shape[:where]), call.seen
    for dim, size in enumerate(seen):
        if prod(seen[:dim]) == before and size % call.batch == 0:
            fold = size // call.batch
            kept = (fold,) if fold > 1 else ()
            shape = (*seen[:dim], *kept, *seen[dim + 1 :])
            marks = [1] * dim + [-1 if kept else 0] + [1] * (len(seen) - dim - 1)
            return shape, ascending(marks)
    raise Inexpressible


def _find_flattened(before: Sizes, after: Sizes) -> tuple[int, int] | None:
    """The first and last dimension, counted with the batch, of a run of axes that is flattened into one; else None."""
    gone = len(before) - len(after)
    if gone <= 0:
        return None
    for start in range(len(after)):
        end = start + gone
        whole = (*before[:start], prod(before[start : end + 1]), *before[end + 1 :])
        if whole == after:
            return start + 1, end + 1
    return None


def _channel_shuffle(call: Call, entering: Tensor) -> Tensor | None:
    """Channels split into groups, swapped with them and flattened again: a channel shuffle (ShuffleNet)."""
    node = call.emission.nodes.get(entering.name)
    rank = len(entering.shape)
    if node is None or node.kind != "reshape" or entering.order != (0, 2, 1, *range(3, rank + 1)):
        return None
    groups, each, *sizes = entering.shape
    if 1 in (groups, each):  # nothing is shuffled
        return None
    source = node.inputs[0]
    if call.emission.shapes[source] != (groups * each, *sizes) or call.seen[1:] != (groups * each, *sizes):
        return None
    shape = call.seen[1:]
    name = call.emission.layer("channel_shuffle", {"groups": groups}, [source], shape, call.path)
    return Tensor(name, shape, tuple(range(len(shape) + 1)))


def _permute(call: Call) -> Tensor:
    return _reorder(call.tensor("self"), [dim % len(call.seen) for dim in call["dims"]])


def _transpose(call: Call) -> Tensor:
    return _swap(call.tensor("self"), call["dim0"], call["dim1"])


def _swapaxes(call: Call) -> Tensor:
    return _swap(call.tensor("self"), call["axis0"], call["axis1"])


def _swap(tensor: Tensor, first: int, second: int) -> Tensor:
    dims = list(range(len(tensor.order)))
    dims[first], dims[second] = dims[second], dims[first]
    return _reorder(tensor, dims)


def _swap_last(call: Call) -> Tensor:
    tensor = call.tensor("self")
    *front, last, end = range(len(tensor.order))
    return _reorder(tensor, [*front, end, last])


def _movedim(call: Call) -> Tensor:
    tensor = call.tensor("self")
    rank = len(tensor.order)
    sources, targets = (
        [dim % rank for dim in (given if isinstance(given, list | tuple) else [given])]
        for given in (call["source"], call["destination"])
    )
    rest = iter(dim for dim in range(rank) if dim not in sources)
    placed = dict(zip(targets, sources, strict=True))
    return _reorder(tensor, [placed[dim] if dim in placed else next(rest) for dim in range(rank)])


def _reorder(tensor: Tensor, dims: list[int]) -> Tensor:
    """The tensor in another axis order; this becomes a layer only when something needs it."""
    return tensor._replace(order=tuple(tensor.order[dim] for dim in dims))


def _copy(call: Call) -> Value:
    """The source, which replaces the whole tensor."""
    source: Value = call["src"]
    if call.inplace and not isinstance(source, Tensor):
        raise Inexpressible
    if isinstance(source, Tensor) and source.seen(call.batch) != call.seen:
        raise Inexpressible
    return source


def _fill(call: Call) -> Value:
    if call.inplace:
        raise Inexpressible
    return Constant(call.seen)


RESHAPING: dict[str, Rule] = {
    **dict.fromkeys(("contiguous", "clone", "to", "alias", "detach", "type_as", "lift_fresh_copy", "_to_copy"), same),
    **dict.fromkeys(("view", "reshape", "_unsafe_view", "flatten", "unflatten", "squeeze", "unsqueeze"), reshape),
    "view_as": reshape,
    "reshape_as": reshape,
    "permute": _permute,
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "mT": _swap_last,
    "t": _swap_last,
    "numpy_T": _swap_last,
    "movedim": _movedim,
    "copy": _copy,
    "fill": _fill,
}
