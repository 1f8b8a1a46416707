"""Traces matrix products with constants, and normalization."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from cnncalc.importers.onnx.arithmetic import EPS
from cnncalc.importers.onnx.attending import plain_norm
from cnncalc.importers.onnx.operators import Op, UnsupportedError
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing
from cnncalc.symbolic import Size


def gemm(op: Op, trace: Tracing) -> Tensor:
    """Gemm: y = x·W + b on vectors, W transposed or not."""
    weight = op.weight(1)
    if op.get("transA", 0):
        raise UnsupportedError("its input is transposed")
    if len(weight.shape or ()) != 2:
        raise UnsupportedError("its weights are not a matrix")
    rows = (weight.shape or ())[0 if op.get("transB", 0) else 1]
    factors = {name: str(float(op.get(name, 1))) for name in ("alpha", "beta") if op.get(name, 1) != 1}
    if factors:
        text = " and ".join(f"{name} {number}" for name, number in factors.items())
        trace.notes.append(f"Gemm '{op.name}' multiplies by {text}, which are treated as part of its weights")
    return _linear(op, trace, rows, op.optional(2) is not None)


def matmul(op: Op, trace: Tracing) -> Tensor:
    """MatMul: with a constant matrix a linear layer without bias (`linear` of the patterns has one)."""
    if op.tensor(0).constant:
        raise UnsupportedError("its first factor is a constant")
    right = op.tensor(1)
    if not right.constant:
        return trace.layer(op, "matmul", {}, [op.data(0), op.data(1)])
    if len(right.shape or ()) != 2:
        raise UnsupportedError("its weights are not a matrix")
    return _linear(op, trace, (right.shape or ())[1], op.kind == "linear")


def _linear(op: Op, trace: Tracing, rows: Size, bias: bool) -> Tensor:
    x = op.data()
    arguments: dict[str, object] = {"out_features": rows, "bias": bias}
    if len(x.sample) > 1:
        arguments["axis"] = "last"
    weights: dict[str, Any] = {"weight": (rows, x.sample[-1] if x.sample else 1)}
    return trace.layer(op, "linear", arguments, weights={**weights, **({"bias": (rows,)} if bias else {})})


def batchnorm(op: Op, trace: Tracing) -> Tensor:
    """BatchNormalization, as inference uses it."""
    shape = op.weight(1).shape
    arguments = {"eps": op.get("epsilon", EPS), "momentum": 1 - op.get("momentum", Fraction(9, 10))}
    return trace.layer(op, "batchnorm", arguments, weights={"weight": shape, "bias": shape})


def layernorm(op: Op, trace: Tracing) -> Tensor:
    """LayerNormalization over the last axis, the spatial axes, or all but the batch."""
    x = op.data()
    rank = len(x.shape or ())
    axis = op.get("axis", -1) % rank
    if axis not in (rank - 1, 1, 2):
        raise UnsupportedError("it normalizes over several axes")
    arguments: dict[str, object] = {"eps": op.get("epsilon", EPS), "bias": op.optional(2) is not None}
    if rank > 2:
        arguments["axis"] = "last" if axis == rank - 1 else "all" if axis == 1 else "spatial"
    return trace.layer(op, "layernorm", arguments, weights=_affine(op))


def groupnorm(op: Op, trace: Tracing) -> Tensor:
    """GroupNormalization; before opset 21 it has one factor per group, which no layer here has."""
    channels, groups = op.data().sample[0], op.get("num_groups", 1)
    if (op.weight(1).shape or (0,))[0] != channels:
        raise UnsupportedError("its factors are one per group")
    return trace.layer(op, "groupnorm", {"num_groups": groups, "eps": op.get("epsilon", EPS)}, weights=_affine(op))


def grouped(op: Op, trace: Tracing) -> Tensor:
    """`grouped` of the patterns: a group norm without factors."""
    shape = op.data().shape or ()
    if [before if size == 0 else size for before, size in zip(shape, op.values(1) or (), strict=True)] != list(shape):
        raise UnsupportedError("it arranges the groups differently")
    arguments = {"num_groups": op.get("num_groups", 1), "eps": op.get("eps", EPS), "affine": False}
    return trace.layer(op, "groupnorm", arguments)


def instancenorm(op: Op, trace: Tracing) -> Tensor:
    """InstanceNormalization, whose factors are required: exporters write ones and zeros for a layer without."""
    affine = not (op.weight(1).spelt_out(1) and op.weight(2).spelt_out(0))
    arguments = {"eps": op.get("epsilon", EPS), "affine": affine}
    return trace.layer(op, "instancenorm", arguments, weights=_affine(op) if affine else {})


def lrn(op: Op, trace: Tracing) -> Tensor:
    """LRN."""
    arguments = {
        "size": op.get("size", 1),
        "alpha": op.get("alpha", Fraction(1, 10_000)),
        "beta": op.get("beta", Fraction(3, 4)),
        "k": op.get("bias", Fraction(1)),
    }
    return trace.layer(op, "lrn", arguments)


def lp_normalization(op: Op, trace: Tracing) -> Tensor:
    """LpNormalization by the L2 norm over the channels."""
    rank = len(op.data().shape or ())
    if op.get("p", 2) != 2 or op.get("axis", -1) % rank != 1:
        raise UnsupportedError("a norm other than the Euclidean norm of the channels")
    return trace.layer(op, "l2norm", {})


def scale(op: Op, trace: Tracing) -> Tensor:
    """`scale` of the patterns: a factor, a shift or both, per channel or for all."""
    given = {name: op.attributes[name] for name in ("factor", "shared") if name in op.attributes}
    each = () if "shared" in given else (tensor for tensor in op.inputs[1:] if tensor is not None)
    if any(prod(tensor.shape or ()) != op.data().sample[0] for tensor in each):
        raise UnsupportedError("it repeats the only channel")
    return trace.layer(op, "scale", {"bias": op.get("bias", False), **given})


def _affine(op: Op) -> dict[str, Any]:
    tensors = (("weight", op.optional(1)), ("bias", op.optional(2)))
    return {name: tensor.shape for name, tensor in tensors if tensor is not None and tensor.shape is not None}


NORMALIZING: Mapping[str, Handler] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "linear": matmul,
    "BatchNormalization": batchnorm,
    "LayerNormalization": layernorm,
    "GroupNormalization": groupnorm,
    "grouped": grouped,
    "InstanceNormalization": instancenorm,
    **dict.fromkeys(("layernorm", "rmsnorm", "grn"), plain_norm),
    "LRN": lrn,
    "LpNormalization": lp_normalization,
    "scale": scale,
}
