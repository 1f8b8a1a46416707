"""Finds linear layers between two views that only merge the axes before the last one, and part them again."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch.fx import Node as Operation

from cnncalc.importers.pytorch.grouping import operator

VIEWS = ("view", "reshape", "_unsafe_view", "flatten", "contiguous")


def merged_rows(operations: Sequence[Operation]) -> dict[Operation, tuple[Operation, Operation]]:
    """The first of two such views → the linear layer and the last view. `nn.MultiheadAttention` is written so."""
    found = {}
    for linear in operations:
        if operator(linear) != "linear" or len(linear.users) != 1:
            continue
        first, last = linear.args[0], next(iter(linear.users))
        if not isinstance(first, Operation) or operator(first) not in VIEWS or operator(last) not in VIEWS:
            continue
        source = first.args[0]
        if len(first.users) == 1 and isinstance(source, Operation):
            before, merged, after = (tuple(map(int, each.meta["val"].shape)) for each in (source, first, last))
            if prod(before) == prod(after[:-1]) * merged[-1] and len(merged) < len(after):
                found[first] = (linear, last)
    return found
