"""Detects networks that write into a tensor and read it through another view: `x[:, :4] = 0`.

An in-place operation on a tensor without views is an ordinary operation. If views are read later, a single operation
does not show who reads what was written; PyTorch then rewrites the graph without in-place operations. That is not done
every time because it takes long and loses which layers are in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import getitem

from torch._ops import OpOverload
from torch.fx import Node as Operation


def writes_through_views(operations: Iterable[Operation]) -> bool:
    """Whether a tensor that has views is written in place and later read through another of its names."""
    place = {operation: number for number, operation in enumerate(operations)}
    bases: dict[Operation, Operation] = {}
    names: dict[Operation, list[Operation]] = {}  # all names of a base's memory, its own included
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
    """Whether the output is, or may be, the memory of the first input."""
    if not isinstance(target, OpOverload):
        return False
    schema = target._schema
    return bool(schema.arguments[0].alias_info) and any(result.alias_info for result in schema.returns)
