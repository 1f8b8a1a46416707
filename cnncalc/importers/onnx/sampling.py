"""Traces GridSample and DeformConv, which read a map at positions that another tensor gives."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.importers.onnx.operators import Op, UnsupportedError, each
from cnncalc.importers.onnx.sliding import kernel_of, padding_of, weights_of
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing

MODES = {"linear": "bilinear", "cubic": "bicubic"}  # their names since opset 20; before, they are ours


def grid_sample(op: Op, trace: Tracing) -> Tensor:
    """GridSample: the grid has the positions last, ours has them in the channels."""
    x, grid = op.data(), op.data(1)
    axes = len(grid.shape or ()) - 2
    positions = trace.layer(op, "permute", {"dims": [axes + 1, *range(1, axes + 1)]}, [grid])
    mode = op.get("mode", "bilinear")
    arguments = {
        "mode": MODES.get(mode, mode),
        "padding_mode": op.get("padding_mode", "zeros"),
        "align_corners": bool(op.get("align_corners", 0)),
    }
    return trace.layer(op, "grid_sample", arguments, [x, positions])


def deform_conv(op: Op, trace: Tracing) -> Tensor:
    """DeformConv: the filters are [out, in / groups, *kernel]; bias and factors are optional."""
    x, weight, offsets = op.data(), op.weight(1), op.data(2)
    kernel = kernel_of(weight)
    factors = [op.data(4)] if op.optional(4) is not None else []
    bias = op.optional(3) is not None
    if bias and not op.tensor(3).constant:
        raise UnsupportedError("its bias is computed by the network")
    arguments = {
        "out_channels": weight.shape[0],  # type: ignore[index] # a weight has a shape
        "kernel_size": each(kernel),
        "stride": each(op.whole("strides", [1] * len(kernel))),
        **padding_of(op, x, kernel),
        "dilation": each(op.whole("dilations", [1] * len(kernel))),
        "groups": op.get("group", 1),
        "offset_groups": op.get("offset_group", 1),
        "bias": bias,
    }
    return trace.layer(op, "deform_conv", arguments, [x, offsets, *factors], weights_of(op, 3))


SAMPLING: Mapping[str, Handler] = {"GridSample": grid_sample, "DeformConv": deform_conv}
