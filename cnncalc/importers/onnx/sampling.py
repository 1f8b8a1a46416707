"""Traces GridSample and DeformConv, which read a map at positions that another tensor gives."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.sliding import filters_of, weights_of
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
    tensors = [op.data(), op.data(2), *([op.data(4)] if op.optional(4) is not None else [])]
    arguments = {**filters_of(op, bias=3), "offset_groups": op.get("offset_group", 1)}
    return trace.layer(op, "deform_conv", arguments, tensors, weights_of(op, bias=3))


SAMPLING: Mapping[str, Handler] = {"GridSample": grid_sample, "DeformConv": deform_conv}
