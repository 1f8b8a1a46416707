"""Layers for tensors computed from learned ones that have no axis for the batch: tables looked up, gates of parameters.

Every operation is translated with one axis more, in front, whose size is 1: that of the batch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.rules import RULES
from cnncalc.importers.pytorch.rules.learnt import by_itself
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Tensor

BROADCASTING = ("add", "sub", "mul", "div")
DIMENSIONS = ("dim", "dim0", "dim1", "start_dim", "end_dim")


def lift(constant: Constant, reader: Call) -> Tensor:
    """The layers of a computed tensor, with the axes that an operation that reads it broadcasts.

    Raises:
        Inexpressible: no layers say how it is computed.
    """
    batch = reader.emission.batch
    reader.emission.batch = 1
    try:
        tensor = _lifted(constant, reader)
    finally:
        reader.emission.batch = batch
    if reader.op not in BROADCASTING:
        return tensor
    folded = any(other.order[0] < 0 for other in reader.tensors())
    return _broadcast(reader, tensor, len(reader.seen) - len(tensor.order), folded)


def _broadcast(reader: Call, tensor: Tensor, missing: int, folded: bool) -> Tensor:
    """The tensor with the axes that it lacks; `folded`: the batch of what it is added to is part of the next axis.

    Raises:
        Inexpressible: it has an axis too many, which is not that of a batch of 1.
    """
    more = missing + folded
    if more or folded:
        tensor = reader.arranged(tensor, None)
    if more < -1 or (more < 0 and tensor.shape[0] != 1):
        raise Inexpressible
    if more:
        shape = tensor.shape[1:] if more < 0 else ((1,) * more) + tensor.shape
        tensor = reader.emit("reshape", {"shape": list(shape)}, [tensor], shape, own=False)
    return tensor._replace(order=(-1, *range(2, len(tensor.shape) + 1))) if folded else tensor


def _lifted(constant: Constant, reader: Call) -> Tensor:
    """The tensor, with an axis of size 1 in front as PyTorch would see it."""
    if constant.whole or not any(stored.learnt for stored in constant.sources):
        return by_itself(reader, constant._replace(shape=(1, *constant.shape), repeated=0))
    known, emission = reader.emission.computed, reader.emission
    if constant.made is None:
        raise Inexpressible
    if constant.made not in known or known[constant.made].name not in emission.nodes:
        known[constant.made] = _made(constant.made.call, reader)
    return known[constant.made]


def _made(made: Call, reader: Call) -> Tensor:
    """The layers of one operation and of those before it."""
    if made.op == "index":
        return _looked_up(made, reader)
    if made.op not in RULES:
        raise Inexpressible
    arguments = {name: _argument(name, value, made, reader) for name, value in made.arguments.items()}
    seen = (1, *made.seen)
    result = RULES[made.op](replace(made, arguments=arguments, seen=seen, alone=False))
    if not isinstance(result, Tensor) or result.seen(1) != seen:
        raise Inexpressible
    return result


def _argument(name: str, value: Any, made: Call, reader: Call) -> Any:  # noqa: ANN401
    """An argument of the operation on tensors with one axis more."""
    if isinstance(value, Constant) and name not in ("weight", "bias"):
        return _lifted(value, reader)
    if name in DIMENSIONS and value is not None:
        return [_shifted(each) for each in value] if isinstance(value, list | tuple) else _shifted(value)
    if name == "dims" and made.op == "permute":
        return [0, *(dim % len(made.seen) + 1 for dim in value)]
    if isinstance(value, list) and any(isinstance(each, Constant) for each in value):
        return [_argument("", each, made, reader) for each in value]
    return value


def _shifted(dim: int) -> int:
    return dim + 1 if dim >= 0 else dim


def _looked_up(made: Call, reader: Call) -> Tensor:
    """The rows, or columns, of a learned table that a tensor of indices names: an embedding of the indices."""
    table, indices = made["self"], list(made["indices"])
    *before, places = indices
    if not isinstance(table, Constant) or not table.whole or len(table.shape) != 2 or not isinstance(places, Constant):
        raise Inexpressible
    if any(each is not None for each in before) or any(stored.learnt for stored in places.sources):
        raise Inexpressible
    by_column = len(before) == 1
    rows, width = table.shape[::-1] if by_column else table.shape
    numbers = _numbers(places, reader)
    stored = {"weight": table.sources[0]._replace(shape=(rows, width))}
    shape = (width, *places.shape)
    axes = range(1, len(shape) + 1)
    order = (0, *axes) if by_column else (0, *axes[1:], 1)
    arguments: dict[str, object] = {"num_embeddings": rows, "embedding_dim": width}
    return reader.emit("embedding", arguments, [numbers], shape, order, stored, own=False)


def _numbers(places: Constant, reader: Call) -> Tensor:
    """The indices as a constant of their own."""
    own = {"weight": places.sources[0]._replace(shape=places.shape)} if places.whole and places.sources else {}
    arguments = {"shape": list(places.shape), **({"buffer": True} if own else {})}
    return reader.emit("constant", arguments, [], places.shape, None, own, own=False)
