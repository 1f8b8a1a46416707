"""Constants that stand among the operators: `Constant` nodes, and generators of noise."""

from __future__ import annotations

from typing import Any

from cnncalc.importers.onnx.folding import fold
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor, constant_tensor

NOISE = frozenset({"RandomNormal", "RandomUniform"})


def constant_of(op: Op) -> Tensor | None:
    """The tensor that a node without inputs holds; None where the node is not a constant.

    A list of numbers in a `Constant` is a weight as an initializer is, since some exporters (Paddle2ONNX) write all
    weights so; a single number is not. Noise is never a weight.

    Raises:
        UsageError: the numbers of the constant are not whole.
    """
    if op.kind in NOISE:
        return Tensor(op.makes[0], tuple(op.whole("shape", ())))
    if op.kind != "Constant":
        return None
    held = op.attributes.get("value")
    if _is_tensor(held):
        found = constant_tensor(op.makes[0], held)
        return Tensor(found.name, found.shape, found.value, learnt=found.learnt and not _is_single(found))
    try:
        value = fold(op)
    except UnsupportedError:
        return None
    return Tensor(op.makes[0], tuple(value.shape), value)


def _is_tensor(held: Any) -> bool:  # noqa: ANN401
    return hasattr(held, "dims")


def _is_single(tensor: Tensor) -> bool:
    return all(size == 1 for size in tensor.shape or ())
