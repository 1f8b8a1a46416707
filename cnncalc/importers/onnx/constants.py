"""Reads constants that are written as operators: `Constant` nodes and noise generators."""

from __future__ import annotations

from typing import Any

from cnncalc.importers.onnx.folding import fold
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor, constant_tensor

NOISE = frozenset({"RandomNormal", "RandomUniform"})


def constant_of(op: Op) -> Tensor | None:
    """Return the tensor that a node without inputs holds; None when the node is not a constant.

    A `Constant` with several elements counts as a weight, as an initializer does, because some exporters (Paddle2ONNX)
    write all weights that way; a single number does not. Noise is never a weight.

    Raises:
        UsageError: the constant's data is incomplete.
    """
    if op.kind in NOISE:
        return Tensor(op.makes[0], tuple(op.whole("shape", ())))
    if op.kind != "Constant":
        return None
    value_of = op.attributes.get("value")
    if _is_tensor(value_of):
        tensor = constant_tensor(op.makes[0], value_of)
        return Tensor(tensor.name, tensor.shape, tensor.value, learnt=tensor.learnt and not _is_single(tensor))
    try:
        value = fold(op)
    except UnsupportedError:
        return None
    return Tensor(op.makes[0], tuple(value.shape), value)


def _is_tensor(value_of: Any) -> bool:  # noqa: ANN401
    return hasattr(value_of, "dims")


def _is_single(tensor: Tensor) -> bool:
    return all(size == 1 for size in tensor.shape or ())
