"""Whether a network writes into a tensor that it also holds under another shape: `x[:, :4] = 0`.

An operation in place on a tensor that has one shape only is that operation. Where views are read later, who reads what
was written is not seen from one operation; PyTorch then rewrites the graph without operations in place. Not always:
that takes time, and no longer tells which layers are in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import getitem

from torch._ops import OpOverload
from torch.fx import Node as Operation


def writes_through_views(operations: Iterable[Operation]) -> bool:
    """Whether something that was written in place, of which there are views, is read under another of its names."""
    place = {operation: number for number, operation in enumerate(operations)}
    bases: dict[Operation, Operation] = {}
    names: dict[Operation, list[Operation]] = {}  # of the memory of a base, itself among them
    viewed: set[Operation] = set()
    for operation in place:
        source = operation.args[0] if operation.args else None
        if not isinstance(source, Operation) or not (operation.target is getitem or _is_view(operation.target)):
            continue
        base = bases.setdefault(operation, bases.get(source, source))
        others = [name for name in names.setdefault(base, [base]) if name is not source]
        names[base].append(operation)
        if operation.target is getitem or not operation.target._schema.is_mutable:  # type: ignore[union-attr]
            viewed.add(base)
        elif base in viewed and any(place[reader] > place[operation] for name in others for reader in name.users):
            return True
    return False


def _is_view(target: object) -> bool:
    """Whether what leaves is, or may be, the memory of what enters first."""
    if not isinstance(target, OpOverload):
        return False
    schema = target._schema
    return bool(schema.arguments[0].alias_info) and any(result.alias_info for result in schema.returns)
