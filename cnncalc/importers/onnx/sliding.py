"""Traces convolutions and pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.importers.onnx.operators import Op, UnsupportedError, each
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing

Pads = list[list[int]]


def conv(op: Op, trace: Tracing) -> Tensor:
    """Conv: the filters are [out, in / groups, *kernel]."""
    return trace.layer(op, "conv", filters_of(op, bias=2), weights=weights_of(op))


def filters_of(op: Op, bias: int) -> dict[str, Any]:
    """Return the fields of a convolution of input 0 with input 1; `bias` is the place of the bias among the inputs."""
    x, weight = op.data(), op.weight(1)
    kernel = _kernel(weight)
    return {
        "out_channels": weight.shape[0],  # type: ignore[index] # a weight has a shape
        "kernel_size": each(kernel),
        "stride": each(op.whole("strides", [1] * len(kernel))),
        **_padding(op, x, kernel),
        "dilation": each(op.whole("dilations", [1] * len(kernel))),
        "groups": op.get("group", 1),
        "bias": op.optional(bias) is not None,
    }


def conv_transpose(op: Op, trace: Tracing) -> Tensor:
    """ConvTranspose: the filters are [in, out / groups, *kernel]."""
    x, weight = op.data(), op.weight(1)
    kernel = _kernel(weight)
    groups = op.get("group", 1)
    stride, dilation = op.whole("strides", [1] * len(kernel)), op.whole("dilations", [1] * len(kernel))
    pads, extra = _pads(op, len(kernel)), op.whole("output_padding", [0] * len(kernel))
    if "output_shape" in op.attributes or op.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        pads, extra = _fit_padding(op, x, kernel, stride, dilation, extra)
    arguments = {
        "out_channels": weight.shape[1] * groups,  # type: ignore[index] # a weight has a shape
        "kernel_size": each(kernel),
        "stride": each(stride),
        "padding": _short_form(pads),
        "output_padding": each(extra),
        "dilation": each(dilation),
        "groups": groups,
        "bias": op.optional(2) is not None,
    }
    return trace.layer(op, "conv_transpose", arguments, weights=weights_of(op))


def maxpool(op: Op, trace: Tracing) -> Tensor:
    """MaxPool."""
    x, kernel = op.data(), op.whole("kernel_shape", ())
    arguments = {
        **_pooling(op, x, kernel),
        "dilation": each(op.whole("dilations", [1] * len(kernel))),
        "ceil_mode": bool(op.get("ceil_mode", 0)),
    }
    return trace.layer(op, "maxpool", arguments)


def avgpool(op: Op, trace: Tracing) -> Tensor:
    """AveragePool; padding is excluded from the mean unless `count_include_pad`."""
    x, kernel = op.data(), op.whole("kernel_shape", ())
    if any(step != 1 for step in op.whole("dilations", ())):
        raise UnsupportedError("an average over dilated windows")
    pooling = _pooling(op, x, kernel)
    padded = pooling.get("padding", 0) not in (0, "valid")
    counted = bool(op.get("count_include_pad", 0)) or not padded
    arguments = {**pooling, "ceil_mode": bool(op.get("ceil_mode", 0)), "count_include_pad": counted}
    return trace.layer(op, "avgpool", arguments)


def lppool(op: Op, trace: Tracing) -> Tensor:
    """LpPool, without padding."""
    x, kernel = op.data(), op.whole("kernel_shape", ())
    pooling = _pooling(op, x, kernel)
    if pooling.pop("padding", 0) not in (0, "valid") or any(step != 1 for step in op.whole("dilations", ())):
        raise UnsupportedError("a norm over padded or dilated windows")
    arguments = {**pooling, "norm_type": op.get("p", 2), "ceil_mode": bool(op.get("ceil_mode", 0))}
    return trace.layer(op, "lppool", arguments)


def globally(kind: str) -> Handler:
    """Global pooling."""
    return lambda op, trace: trace.layer(op, kind, {})


def _kernel(weight: Tensor) -> list[Any]:
    if len(weight.shape or ()) < 3:
        raise UnsupportedError("its filters have no spatial axis")
    return list((weight.shape or ())[2:])


def weights_of(op: Op, bias: int = 2) -> dict[str, Any]:
    """Return the shapes of the weight, input 1, and of the bias, at its place among the inputs."""
    tensors = {"weight": op.optional(1), "bias": op.optional(bias)}
    return {name: each.shape for name, each in tensors.items() if each is not None and each.shape is not None}


def _pooling(op: Op, x: Tensor, kernel: list[int]) -> dict[str, Any]:
    if len(kernel) != len(x.sample) - 1:
        raise UnsupportedError("its window and its input have different numbers of axes")
    stride = op.whole("strides", [1] * len(kernel))
    same = stride == kernel
    padding = _padding(op, x, kernel)
    return {"kernel_size": each(kernel), **({} if same else {"stride": each(stride)}), **padding}


def _padding(op: Op, x: Tensor, kernel: list[Any]) -> dict[str, Any]:
    """Return the padding fields: `same` for SAME_UPPER, numbers otherwise (SAME_LOWER puts the odd row first)."""
    auto = op.get("auto_pad", "NOTSET")
    if auto == "SAME_UPPER":
        return {"padding": "same"}
    if auto == "SAME_LOWER":
        return {"padding": _short_form(_same_lower(op, x, kernel))}
    if auto == "VALID":
        return {"padding": 0}
    return {"padding": _short_form(_pads(op, len(kernel)))}


def _pads(op: Op, axes: int) -> Pads:
    flat = op.whole("pads", [0] * 2 * axes)
    if len(flat) != 2 * axes:
        raise UnsupportedError("its pads are not two for each axis")
    return [[flat[axis], flat[axis + axes]] for axis in range(axes)]


def _short_form(pads: Pads) -> object:
    """Return padding in its shortest spec form: one number, one per axis, or [low, high] per axis."""
    if all(low == high for low, high in pads):
        return each([low for low, _ in pads])
    return pads


def _same_lower(op: Op, x: Tensor, kernel: list[int]) -> Pads:
    axes = len(kernel)
    stride, dilation = op.whole("strides", [1] * axes), op.whole("dilations", [1] * axes)
    pads = []
    for size, window, step, gap in zip(x.sample[1:], kernel, stride, dilation, strict=True):
        if not isinstance(size, int) and step != 1:
            raise UnsupportedError("its padding depends on the size of the input")
        reach = gap * (window - 1) + 1
        last = size - 1 - (size - 1) // step * step if isinstance(size, int) else 0
        total = max(0, reach - 1 - last)
        pads.append([total - total // 2, total // 2])
    return pads


def _fit_padding(
    op: Op, x: Tensor, kernel: list[int], stride: list[int], dilation: list[int], extra: list[int]
) -> tuple[Pads, list[int]]:
    """Return padding and output padding of a transposed convolution from its output size (ONNX, ConvTranspose)."""
    auto = op.get("auto_pad", "NOTSET")
    wanted = op.attributes.get("output_shape") or [
        size * step
        for size, step in zip(x.sample[1:], stride, strict=True)  # SAME
    ]
    pads, added = [], list(extra)
    for axis, out in enumerate(wanted[-len(kernel) :]):
        size = x.sample[1 + axis]
        total = stride[axis] * (size - 1) + extra[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - out
        if not isinstance(total, int):
            raise UnsupportedError("its padding depends on the size of the input")
        if total < 0:  # too few rows: an explicit output_shape adds them at the end, SAME stays smaller
            added[axis] -= total if "output_shape" in op.attributes else 0
            total = 0
        small, large = total // 2, total - total // 2
        pads.append([small, large] if auto == "SAME_UPPER" else [large, small])
    return pads, added


SLIDING: Mapping[str, Handler] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": maxpool,
    "AveragePool": avgpool,
    "LpPool": lppool,
    "GlobalAveragePool": globally("global_avgpool"),
    "GlobalMaxPool": globally("global_maxpool"),
}
