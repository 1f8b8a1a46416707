"""Traces quantized operators as the layers that they approximate: scales and zero points have no shape of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cnncalc.importers.onnx.normalizing import matmul
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.sliding import conv
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing


def same(op: Op, trace: Tracing) -> Tensor:
    """Cast, QuantizeLinear, DequantizeLinear: the same tensor in another type, which is no layer."""
    return replace(op.data(), name=op.makes[0])


def dynamic_quantize(op: Op, trace: Tracing) -> list[Tensor]:
    """DynamicQuantizeLinear: the tensor; its scale and its zero point are numbers."""
    return [same(op, trace), *(Tensor(name, ()) for name in op.makes[1:])]


def conv_integer(op: Op, trace: Tracing) -> Tensor:
    """ConvInteger: a convolution without bias, zero points after the weights."""
    return conv(replace(op, inputs=op.inputs[:2]), trace)


def qlinear_conv(op: Op, trace: Tracing) -> Tensor:
    """QLinearConv: x, its scale and zero point, the weights, theirs, those of the output, the bias."""
    return conv(replace(op, inputs=(op.inputs[0], *op.inputs[3:4], *op.inputs[8:9])), trace)


def qlinear_matmul(op: Op, trace: Tracing) -> Tensor:
    """QLinearMatMul: a and b, each with a scale and a zero point, then those of the output."""
    return matmul(replace(op, inputs=(op.inputs[0], *op.inputs[3:4])), trace)


def matmul_integer(op: Op, trace: Tracing) -> Tensor:
    """MatMulInteger: zero points after the factors."""
    return matmul(replace(op, inputs=op.inputs[:2]), trace)


QUANTIZED: Mapping[str, Handler] = {
    "Cast": same,
    "QuantizeLinear": same,
    "DequantizeLinear": same,
    "DynamicQuantizeLinear": dynamic_quantize,
    "ConvInteger": conv_integer,
    "QLinearConv": qlinear_conv,
    "MatMulInteger": matmul_integer,
    "QLinearMatMul": qlinear_matmul,
}
