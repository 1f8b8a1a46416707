"""Adds operations that no layer describes."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call
from cnncalc.importers.pytorch.values import Sizes, Tensor


def unknown(call: Call, seen: Sizes) -> Tensor:
    """Add an operation that no layer describes, with the output shape that PyTorch sees."""
    entering = list(dict.fromkeys(tensor.name for tensor in call.tensors()))
    shape, order = _without_batch(seen, call.batch)
    stored = [stored for constant in call.constants() for stored in constant.sources]
    path = call.path if not call.path or call.path.endswith(".") else f"{call.path}."
    name = call.emission.unknown(call.op.strip("_"), entering, shape, path, stored)
    return Tensor(name, shape or (1,), order)


def _without_batch(seen: Sizes, batch: int) -> tuple[Sizes, tuple[int, ...]]:
    """Shape and order of what PyTorch sees; the batch is the axis that is a multiple of it, if there is one."""
    shape: list[int] = []
    order: list[int] = []
    for size in seen:
        if 0 in order or min(order, default=1) < 0 or size == 0 or size % batch:
            shape.append(size)
            order.append(len(shape))
        elif size == batch:
            order.append(0)
        else:
            shape.append(size // batch)
            order.append(-len(shape))
    return tuple(shape), tuple(order)
