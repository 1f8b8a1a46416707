"""Finds normalizations that are written out: x · rsqrt(mean(x²) + ε), RMS normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch.fx import Node as Operation

from cnncalc.importers.pytorch.grouping import operator


class WrittenNorm(NamedTuple):
    """The operations of a normalization, from the square to the product."""

    operations: tuple[Operation, ...]
    entering: Operation
    dim: int
    eps: float


def written_norms(operations: Sequence[Operation]) -> dict[Operation, WrittenNorm]:
    """The square that such a normalization begins with → the normalization."""
    found = [norm for each in operations if operator(each) == "rsqrt" and (norm := _around(each))]
    return {norm.operations[0]: norm for norm in found}


def _around(root: Operation) -> WrittenNorm | None:
    """The normalization around a reciprocal square root; None where it is part of anything else."""
    added: Any = root.args[0]
    mean, eps = _arguments(added, "add")
    square, dims = _arguments(mean, "mean")
    entering, exponent = _arguments(square, "pow", "mul")
    if not isinstance(entering, Operation) or any(len(each.users) != 1 for each in (square, mean, added, root)):
        return None
    product = next(iter(root.users))
    squared = exponent == 2 if operator(square) == "pow" else exponent is entering
    one = isinstance(dims, list | tuple) and len(dims) == 1 and mean.args[2:3] == (True,)
    scaled = operator(product) == "mul" and set(product.args) == {entering, root}
    if not (squared and one and scaled and isinstance(eps, int | float)):
        return None
    return WrittenNorm((square, mean, added, root, product), entering, dims[0], eps)


def _arguments(operation: Any, *ops: str) -> tuple[Any, Any]:  # noqa: ANN401 - an argument may be anything
    """The first two arguments of an operation of one of these operators; None twice for any other."""
    if not isinstance(operation, Operation) or operator(operation) not in ops or len(operation.args) < 2:
        return None, None
    return operation.args[0], operation.args[1]
