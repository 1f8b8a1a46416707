"""Whether a network writes into a tensor that it also holds under another shape: `x[:, :4] = 0`.

An operation in place on a tensor that has one shape only is that operation. Where there are views, who reads what was
written is not seen from one operation; PyTorch then rewrites the graph without operations in place. Not always: that
takes time, and no longer tells which layers are in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import getitem

from torch._ops import OpOverload
from torch.fx import Node as Operation


def writes_through_views(operations: Iterable[Operation]) -> bool:
    """Whether an operation in place writes into a view, or into what views have been taken of."""
    bases: dict[Operation, Operation] = {}
    viewed: set[Operation] = set()
    for operation in operations:
        source = operation.args[0] if operation.args else None
        if not isinstance(source, Operation):
            continue
        base = bases.get(source, source)
        if operation.target is getitem:
            bases[operation] = base
        elif isinstance(operation.target, OpOverload) and _is_view(operation.target):
            bases[operation] = base
            if not operation.target._schema.is_mutable:
                viewed.add(base)
            elif base in viewed:
                return True
    return False


def _is_view(operator: OpOverload) -> bool:
    """Whether what leaves is, or may be, the memory of what enters first."""
    schema = operator._schema
    return bool(schema.arguments[0].alias_info) and any(result.alias_info for result in schema.returns)
