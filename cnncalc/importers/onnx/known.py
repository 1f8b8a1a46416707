"""Computes output shapes of operators that no layer expresses, with symbolic sizes too.

ONNX's own inference, the fallback, handles integers only and gives up on values computed from shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

from cnncalc.importers.onnx.folding import slices
from cnncalc.importers.onnx.operators import MALFORMED, Op, UnsupportedError
from cnncalc.importers.onnx.products import Shape, attention, broadcast, einsum, gemm, matmul, shape_of
from cnncalc.importers.onnx.tensors import for_one_sample
from cnncalc.symbolic import Size

Rule: TypeAlias = "Callable[[Op], Shape | None]"
FAR = 2**31 - 1  # an end at or beyond this means the whole axis


def known_shapes(op: Op) -> list[Shape | None]:
    """Return the output shapes, batch included; None, or a shorter list, for those that are unknown."""
    try:
        if op.kind in SEVERAL:
            return [_reject_empty(shape) for shape in SEVERAL[op.kind](op)]
        rule = RULES.get(op.kind)
        return [_reject_empty(rule(op))] if rule else []
    except (UnsupportedError, *MALFORMED):
        return []


def _reject_empty(shape: Shape | None) -> Shape | None:
    return None if shape and any(isinstance(size, int) and size < 1 for size in shape[1:]) else shape


def _same(op: Op) -> Shape:
    return shape_of(op)


def _join(op: Op) -> Shape:
    return broadcast([shape_of(op, index) for index in range(len(op.inputs))])


def _transpose(op: Op) -> Shape:
    shape = shape_of(op)
    return tuple(shape[axis] for axis in op.whole("perm", range(len(shape))[::-1]))


def _expand(op: Op) -> Shape:
    return broadcast([shape_of(op), op.values(1) or []])


def _pad(op: Op) -> Shape:
    shape, pads = shape_of(op), op.attributes.get("pads") or op.values(1) or []
    axes = [int(axis) % len(shape) for axis in op.values(3) or range(len(shape))]
    more = {axis: pads[place] + pads[place + len(axes)] for place, axis in enumerate(axes)}
    return tuple(size + more.get(axis, 0) for axis, size in enumerate(shape))


def _reduce(op: Op) -> Shape:
    shape = shape_of(op)
    given = op.attributes.get("axes") or op.values(1)
    if not given and op.get("noop_with_empty_axes", 0):
        return shape
    return _without(shape, given or range(len(shape)), bool(op.get("keepdims", 1)))


def _wrap(op: Op) -> Shape:
    sides: Mapping[int, Sequence[int]] = op.attributes["sides"]
    return tuple(size + sum(sides.get(axis, ())) for axis, size in enumerate(shape_of(op)))


def _argmax(op: Op) -> Shape:
    return _without(shape_of(op), [op.get("axis", 0)], bool(op.get("keepdims", 1)))


def _unsqueeze(op: Op) -> Shape:
    shape, axes = list(shape_of(op)), op.attributes.get("axes") or op.values(1) or []
    rank = len(shape) + len(axes)
    for axis in sorted(int(axis) % rank for axis in axes):
        shape.insert(axis, 1)
    return tuple(shape)


def _squeeze(op: Op) -> Shape | None:
    axes = op.attributes.get("axes") or op.values(1)
    return _without(shape_of(op), axes, keep=False) if axes else None


def _without(shape: Shape, axes: Sequence[Any], keep: bool) -> Shape:
    gone = {int(axis) % len(shape) for axis in axes}
    return tuple(1 if axis in gone else size for axis, size in enumerate(shape) if keep or axis not in gone)


def _gather(op: Op) -> Shape:
    shape, axis = shape_of(op), op.get("axis", 0)
    axis %= len(shape)
    return (*shape[:axis], *shape_of(op, 1), *shape[axis + 1 :])


def _gather_nd(op: Op) -> Shape | None:
    """GatherND: the last axis of the indices holds how many leading axes of the data they index."""
    shape, indices = shape_of(op), shape_of(op, 1)
    if op.get("batch_dims", 0) or not isinstance(indices[-1], int):
        return None
    return (*indices[:-1], *shape[indices[-1] :])


def _flatten(op: Op) -> Shape:
    shape = shape_of(op)
    axis = op.get("axis", 1)
    return prod(shape[:axis]), prod(shape[axis:])


def _reshape(op: Op) -> Shape | None:
    shape, target = shape_of(op), op.values(1) or op.whole("shape", ())
    if op.get("allowzero", 0) and 0 in target:
        return None
    sizes = [shape[axis] if size == 0 else size for axis, size in enumerate(target)]
    given = tuple(size for size in sizes if not _is_rest(size))
    rest = prod(given)
    whole, part = prod(for_one_sample(shape)), prod(for_one_sample(given))
    if isinstance(whole, int) and isinstance(part, int) and (part < 1 or whole % part):
        return None
    return tuple(prod(shape) // rest if _is_rest(size) else size for size in sizes)


def _is_rest(size: object) -> bool:
    return isinstance(size, int) and size == -1


def _conv(op: Op) -> Shape:
    """Conv, ConvInteger: ⌊(size + pads − reach)/stride⌋ + 1, the reach being dilation·(kernel − 1) + 1."""
    batch, _, *sizes = shape_of(op)
    filters, _, *kernel = shape_of(op, 1)
    stride, dilation = op.whole("strides", [1] * len(kernel)), op.whole("dilations", [1] * len(kernel))
    auto, pads = op.get("auto_pad", "NOTSET"), op.whole("pads", [0] * 2 * len(kernel))
    made: list[Size] = []
    for axis, size in enumerate(sizes):
        reach = dilation[axis] * (kernel[axis] - 1) + 1
        padded = size if auto == "VALID" else size + pads[axis] + pads[axis + len(kernel)]
        same = auto.startswith("SAME")
        made.append(-(-size // stride[axis]) if same else (padded - reach) // stride[axis] + 1)
    return (batch, filters, *made)


def _fill(op: Op) -> Shape:
    return tuple(op.values(0) or ())


def _range(op: Op) -> Shape:
    """Range: ⌈(limit − start)/delta⌉ elements."""
    start, limit, delta = (_integer((op.values(index) or [0])[0]) for index in range(3))
    return (-((start - limit) // delta),)


def _integer(value: Any) -> Any:  # noqa: ANN401
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _concat(op: Op) -> Shape:
    first, *others = [shape_of(op, index) for index in range(len(op.inputs))]
    axis = op.get("axis", 0) % len(first)
    return (*first[:axis], first[axis] + sum(shape[axis] for shape in others), *first[axis + 1 :])


def _tile(op: Op) -> Shape:
    return tuple(size * times for size, times in zip(shape_of(op), op.values(1) or [], strict=True))


def _slice(op: Op) -> Shape:
    """Slice: as ONNX defines it, ends are clamped to the axis and negative ones count from its end."""
    shape = list(shape_of(op))
    for axis, start, end, step in slices(op, len(shape)):
        size = shape[axis]
        if isinstance(size, int):
            shape[axis] = len(range(size)[slice(start, end, step)])
        elif step == 1 and start >= 0 and end >= FAR:
            shape[axis] = size - start
        elif step == 1 and start >= 0 and end < 0:
            shape[axis] = size + end - start
        else:
            raise UnsupportedError("how many it takes depends on a symbol")
    return tuple(shape)


def _split(op: Op) -> list[Shape]:
    """Split: the given parts, else equal ones with a smaller last part."""
    shape, axis = shape_of(op), op.get("axis", 0)
    axis %= len(shape)
    parts = op.attributes.get("split") or op.values(1)
    if parts is None:
        count = op.get("num_outputs", len(op.makes))
        chunk = -(-shape[axis] // count)
        parts = [chunk] * (count - 1) + [shape[axis] - chunk * (count - 1)]
    return [(*shape[:axis], part, *shape[axis + 1 :]) for part in parts]


def _dynamic_quantize(op: Op) -> list[Shape]:
    """DynamicQuantizeLinear: the tensor, its scale and its zero point."""
    return [shape_of(op), (), ()]


def _recurrent(op: Op) -> list[Shape]:
    """LSTM, GRU, RNN: Y, Y_h and, for an LSTM, Y_c; `layout` 1 puts the batch first."""
    steps, batch, _ = shape_of(op)
    directions, *recurrence = shape_of(op, 2)
    hidden = recurrence[0] if op.kind.startswith("com.microsoft") else recurrence[-1]  # which transposes its weights
    if op.get("layout", 0):
        steps, batch = batch, steps
        return [(batch, steps, directions, hidden), *[(batch, directions, hidden)] * 2]
    return [(steps, directions, batch, hidden), *[(directions, batch, hidden)] * 2]


SAME = """
Abs Atan BatchNormalization Cast Ceil Celu Clip Cos CumSum DequantizeLinear Dropout Elu Erf Exp Floor Gelu
GroupNormalization HardSigmoid HardSwish Hardmax IsInf IsNaN InstanceNormalization LRN LayerNormalization LeakyRelu
Log LogSoftmax LpNormalization RMSNormalization
SimplifiedLayerNormalization MeanVarianceNormalization Mish Neg Not PRelu QuantizeLinear Reciprocal Relu Round Selu
Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu hardsigmoid hardswish l2norm mish
grn layernorm rescale rmsnorm rolled silu softplus
"""
JOINED = """
Add Sub Mul Div Pow Max Min Mean Sum Mod Where And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual
BitShift scale
"""
REDUCED = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(SAME.split(), _same),
    **dict.fromkeys(JOINED.split(), _join),
    **{f"Reduce{each}": _reduce for each in REDUCED.split()},
    **dict.fromkeys(("ArgMax", "ArgMin"), _argmax),
    "Transpose": _transpose,
    "Expand": _expand,
    "repeated": _expand,
    "Pad": _pad,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "MatMul": matmul,
    "MatMulInteger": matmul,
    "linear": matmul,
    "Gemm": gemm,
    "Einsum": einsum,
    "Conv": _conv,
    "ConvInteger": _conv,
    "ConstantOfShape": _fill,
    "Range": _range,
    "Concat": _concat,
    "Tile": _tile,
    "Slice": _slice,
    "wrapped": _wrap,
}
SEVERAL: Mapping[str, Callable[[Op], Sequence[Shape]]] = {
    "Split": _split,
    "Attention": attention,
    "com.microsoft.MultiHeadAttention": attention,
    "DynamicQuantizeLinear": _dynamic_quantize,
    **dict.fromkeys(("LSTM", "GRU", "RNN", "com.microsoft.DynamicQuantizeLSTM"), _recurrent),
}
