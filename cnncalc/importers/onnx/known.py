"""What leaves operators that no layer expresses, where the shapes that enter say so, with symbols too.

ONNX's own inference, which is asked first, knows numbers only, and gives up at what is computed from shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.symbolic import Size, Undecidable

Shape: TypeAlias = "tuple[Size, ...]"
Rule: TypeAlias = "Callable[[Op], Shape | None]"


def known_shape(op: Op) -> Shape | None:
    """The shape of the first output, with the batch wherever it is; None where it is not known."""
    rule = RULES.get(op.kind)
    try:
        shape = rule(op) if rule else None
        return None if shape and any(isinstance(size, int) and size < 1 for size in shape[1:]) else shape
    except (UnsupportedError, Undecidable, ValueError, IndexError, TypeError, ZeroDivisionError):
        return None


def broadcast(shapes: Sequence[Sequence[Size]]) -> Shape:
    """The sizes of shapes, those of 1 repeated, the last axes together."""
    rank = max(map(len, shapes))
    columns = zip(*((*[1] * (rank - len(shape)), *shape) for shape in shapes), strict=True)
    return tuple(next((size for size in column if size != 1), 1) for column in columns)


def _shape(op: Op, index: int = 0) -> Shape:
    found = op.tensor(index)
    shape = found.repeated or found.shape
    if shape is None:
        raise UnsupportedError("a shape is not known")
    return shape


def _same(op: Op) -> Shape:
    return _shape(op)


def _joined(op: Op) -> Shape:
    return broadcast([_shape(op, index) for index in range(len(op.inputs))])


def _transposed(op: Op) -> Shape:
    shape = _shape(op)
    return tuple(shape[axis] for axis in op.whole("perm", range(len(shape))[::-1]))


def _expanded(op: Op) -> Shape:
    return broadcast([_shape(op), op.values(1) or []])


def _padded(op: Op) -> Shape:
    shape, pads = _shape(op), op.attributes.get("pads") or op.values(1) or []
    axes = [int(axis) % len(shape) for axis in op.values(3) or range(len(shape))]
    more = {axis: pads[place] + pads[place + len(axes)] for place, axis in enumerate(axes)}
    return tuple(size + more.get(axis, 0) for axis, size in enumerate(shape))


def _reduced(op: Op) -> Shape:
    shape = _shape(op)
    given = op.attributes.get("axes") or op.values(1)
    if not given and op.get("noop_with_empty_axes", 0):
        return shape
    return _without(shape, given or range(len(shape)), bool(op.get("keepdims", 1)))


def _picked(op: Op) -> Shape:
    return _without(_shape(op), [op.get("axis", 0)], bool(op.get("keepdims", 1)))


def _unsqueezed(op: Op) -> Shape:
    shape, axes = list(_shape(op)), op.attributes.get("axes") or op.values(1) or []
    rank = len(shape) + len(axes)
    for axis in sorted(int(axis) % rank for axis in axes):
        shape.insert(axis, 1)
    return tuple(shape)


def _squeezed(op: Op) -> Shape | None:
    axes = op.attributes.get("axes") or op.values(1)
    return _without(_shape(op), axes, keep=False) if axes else None


def _without(shape: Shape, axes: Sequence[Any], keep: bool) -> Shape:
    gone = {int(axis) % len(shape) for axis in axes}
    return tuple(1 if axis in gone else size for axis, size in enumerate(shape) if keep or axis not in gone)


def _gathered(op: Op) -> Shape:
    shape, axis = _shape(op), op.get("axis", 0)
    axis %= len(shape)
    return (*shape[:axis], *_shape(op, 1), *shape[axis + 1 :])


def _gathered_places(op: Op) -> Shape | None:
    """GatherND: the last axis of the places says how many axes of the data they are on."""
    shape, places = _shape(op), _shape(op, 1)
    if op.get("batch_dims", 0) or not isinstance(places[-1], int):
        return None
    return (*places[:-1], *shape[places[-1] :])


def _reshaped(op: Op) -> Shape | None:
    shape, told = _shape(op), op.values(1) or op.whole("shape", ())
    if op.get("allowzero", 0) and 0 in told:
        return None
    sizes = [shape[axis] if size == 0 else size for axis, size in enumerate(told)]
    rest = prod(size for size in sizes if not _is_rest(size))
    return tuple(prod(shape) // rest if _is_rest(size) else size for size in sizes)


def _is_rest(size: object) -> bool:
    return isinstance(size, int) and size == -1


def _product(op: Op) -> Shape:
    left, right = _shape(op), _shape(op, 1)
    return (*broadcast([left[:-2], right[:-2]]), left[-2], right[-1])


SAME = """
Abs Atan BatchNormalization Cast Ceil Celu Clip Cos CumSum Dropout Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid
HardSwish Hardmax IsInf IsNaN InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization
MeanVarianceNormalization Mish Neg Not PRelu Reciprocal Relu Round Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt
Tan Tanh ThresholdedRelu Trilu hardsigmoid hardswish l2norm mish rescale scale silu softplus
"""
JOINED = (
    "Add Sub Mul Div Pow Max Min Mean Sum Mod Where And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual BitShift"
)
REDUCED = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(SAME.split(), _same),
    **dict.fromkeys(JOINED.split(), _joined),
    **{f"Reduce{each}": _reduced for each in REDUCED.split()},
    **dict.fromkeys(("ArgMax", "ArgMin"), _picked),
    "Transpose": _transposed,
    "Expand": _expanded,
    "repeated": _expanded,
    "Pad": _padded,
    "Gather": _gathered,
    "GatherND": _gathered_places,
    "Reshape": _reshaped,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "MatMul": _product,
}
