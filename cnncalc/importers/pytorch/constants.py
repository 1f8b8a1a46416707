"""Tensors that no input enters: stored ones, views of them, and what is computed from them or from nothing."""

from __future__ import annotations

from collections.abc import Collection
from math import prod

from torch.fx import Node as Operation

from cnncalc.importers.pytorch.call import Call, Parts, Result
from cnncalc.importers.pytorch.grouping import output_shapes
from cnncalc.importers.pytorch.values import Constant, Made, Sizes


def constant_of(operation: Operation, call: Call, views: Collection[str]) -> Result:
    """What an operation makes of tensors that no input enters; `views`: the operators that only view a tensor."""
    sources = {stored.key: stored for constant in call.constants() for stored in constant.sources}
    first = next(call.constants(), None)
    whole = call.op in views and len(sources) == 1 and first is not None and first.whole
    if first is not None and first.whole and call.op in ("expand", "expand_as", "repeat"):
        repeated = _repeated(first.shape, call.seen, call.batch)
        if repeated is not None:
            return Constant(call.seen, first.sources, True, repeated)
    shapes, made = output_shapes(operation), Made(call)
    if call.op == "embedding" and (table := call["weight"]).whole and prod(call.seen) == prod(table.shape):
        return Constant(call.seen, table.sources, True)  # its rows, all of them, in some order
    constants = tuple(
        Constant(shape, tuple(sources.values()), whole, None if sources else _image_dim(shape, call.batch), made)
        for shape in shapes
    )
    return Parts(constants.__getitem__) if isinstance(operation.meta["val"], list | tuple) else constants[0]


def _repeated(shape: Sizes, seen: Sizes, batch: int) -> int | None:
    """The dimension along which a tensor is repeated for every image, if it is along no other."""
    before = (1,) * (len(seen) - len(shape)) + shape
    changed = [dim for dim, sizes in enumerate(zip(before, seen, strict=True)) if sizes[0] != sizes[1]]
    return changed[0] if len(changed) == 1 and (before[changed[0]], seen[changed[0]]) == (1, batch) else None


def _image_dim(shape: Sizes, batch: int) -> int | None:
    """The dimension that is the batch, in a tensor that is computed from nothing."""
    return shape.index(batch) if shape.count(batch) == 1 else None
