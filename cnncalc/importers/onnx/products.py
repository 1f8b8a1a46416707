"""Computes the output shapes of products: of matrices, by letters, and of attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.symbolic import Size

Shape: TypeAlias = "tuple[Size, ...]"


def broadcast(shapes: Sequence[Sequence[Size]]) -> Shape:
    """Return the shape of a numpy-style broadcast: axes aligned at the last, sizes of 1 repeated."""
    rank = max(map(len, shapes))
    columns = zip(*((*[1] * (rank - len(shape)), *shape) for shape in shapes), strict=True)
    return tuple(next((size for size in column if size != 1), 1) for column in columns)


def shape_of(op: Op, index: int = 0) -> Shape:
    """Return the shape of an input; raises UnsupportedError where it is not known."""
    tensor = op.tensor(index)
    shape = tensor.repeated or tensor.shape
    if shape is None:
        raise UnsupportedError("a shape is not known")
    return shape


def matmul(op: Op) -> Shape | None:
    """MatMul, and `linear` of the patterns; None for a vector."""
    left, right = shape_of(op), shape_of(op, 1)
    if len(left) < 2 or len(right) < 2:
        return None
    return (*broadcast([left[:-2], right[:-2]]), left[-2], right[-1])


def einsum(op: Op) -> Shape | None:
    """Einsum with a letter for every axis, and its output written out."""
    entering, arrow, leaving = op.get("equation", "").replace(" ", "").partition("->")
    if not arrow or "." in entering:
        return None
    sizes: dict[str, Size] = {}
    for index, letters in enumerate(entering.split(",")):
        sizes.update(zip(letters, shape_of(op, index), strict=True))
    return tuple(sizes[letter] for letter in leaving)


def gemm(op: Op) -> Shape:
    """Gemm, either factor transposed or not."""
    left, right = shape_of(op), shape_of(op, 1)
    return left[-1 if op.get("transA", 0) else 0], right[0 if op.get("transB", 0) else 1]


def attention(op: Op) -> list[Shape]:
    """Attention, MultiHeadAttention: on heads, or on channels that hold them."""
    queries, values = shape_of(op), shape_of(op, 2)
    if len(queries) == 4:
        return [(*queries[:3], values[3])]
    heads = op.get("q_num_heads", op.get("num_heads", 1))
    return [(*queries[:2], values[2] // op.get("kv_num_heads", heads) * heads)]
