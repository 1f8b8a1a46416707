"""Renumbers the axes of operators whose tensors are rewritten from channels last to channels first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import Tensor

Constants = dict[str, Tensor]


class Moved(NamedTuple):
    """A rewritten operator: its attributes, its inputs after the first, and whether the output is a feature map too."""

    attributes: Mapping[str, Any]
    reads: Sequence[str] = ()
    stays: bool = True


def array_of(numbers: Sequence[Any]) -> Any:  # noqa: ANN401
    """Return a list of numbers as the value of a constant."""
    out = np.empty(len(numbers), dtype=object)
    for index, number in enumerate(numbers):
        out[index] = number
    return out


def moved_axis(axis: int, rank: int) -> int:
    """Return the channels-first position of a channels-last axis: the last becomes 1, spatial ones move up by 1."""
    axis %= rank
    return axis if axis == 0 else 1 if axis == rank - 1 else axis + 1


def _one_axis(op: Op, constants: Constants, rank: int) -> Moved | None:
    """Softmax, ArgMax, Concat: one axis. Before opset 13 a softmax covers all axes from its own on."""
    axis = op.get("axis", -1 if op.get("opset", 13) >= 13 else 1)
    if op.kind in ("Softmax", "LogSoftmax") and op.get("opset", 13) < 13 and axis % rank != rank - 1:
        return None
    if op.kind in ("ArgMax", "ArgMin") and not op.get("keepdims", 1):
        return None
    return Moved({**op.attributes, "axis": moved_axis(axis, rank), "opset": max(13, op.get("opset", 13))})


def _reduce(op: Op, constants: Constants, rank: int) -> Moved | None:
    """A reduction; without keepdims the order survives when all spatial axes, all axes, or the channels are reduced."""
    axes = _list_of(op, constants, "axes", 1)
    if not axes:
        return None
    gone = sorted(moved_axis(int(axis), rank) for axis in axes)
    keeps = bool(op.get("keepdims", 1))
    if not keeps and gone != list(range(2, rank)) and gone != list(range(1, rank)) and gone != [1]:
        return None
    return _with_list(op, constants, "axes", gone, keeps)


def _pad(op: Op, constants: Constants, rank: int) -> Moved | None:
    """Pad: the amounts before each axis, then those after."""
    pads = _list_of(op, constants, "pads", 1)
    if not pads or len(pads) != 2 * rank or len(op.reads) > 3:
        return None
    order = [0, rank - 1, *range(1, rank - 1)]
    return _with_list(
        op, constants, "pads", [pads[side * rank + axis] for side in (0, 1) for axis in order], stays=True
    )


def _list_of(op: Op, constants: Constants, attribute: str, index: int) -> list[Any] | None:
    """Return a list that is an attribute in old opsets and an input since; None when unknown."""
    if attribute in op.attributes:
        return list(op.attributes[attribute])
    held = constants.get(op.reads[index]) if len(op.reads) > index else None
    return None if held is None or held.value is None else list(held.value.flat)


def _with_list(op: Op, constants: Constants, attribute: str, numbers: list[Any], stays: bool) -> Moved:
    if attribute in op.attributes:
        return Moved({**op.attributes, attribute: numbers}, op.reads[1:], stays)
    name = f"{op.makes[0]} {attribute}"
    constants[name] = Tensor(name, (len(numbers),), array_of(numbers))
    return Moved(op.attributes, (name, *op.reads[2:]), stays)


MOVED: Mapping[str, Callable[[Op, Constants, int], Moved | None]] = {
    **dict.fromkeys(("Softmax", "LogSoftmax", "ArgMax", "ArgMin", "Concat"), _one_axis),
    **dict.fromkeys(("ReduceMean", "ReduceMax", "ReduceSum", "ReduceMin", "ReduceL2", "ReduceProd"), _reduce),
    "Pad": _pad,
}
