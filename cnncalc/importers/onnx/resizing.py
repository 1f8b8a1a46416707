"""Traces Resize and Upsample: the interpolation, and the factor or size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from cnncalc.importers.onnx.operators import Op, UnsupportedError, each
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing
from cnncalc.symbolic import Expr, Size


def resize(op: Op, trace: Tracing) -> Tensor:
    """Resize, Upsample: by factors or to a size, on the spatial axes only."""
    x = op.data()
    rank = len(x.shape or ())
    axes = [axis % rank for axis in op.attributes.get("axes") or range(rank)]
    by_inputs = op.kind == "Resize" and len(op.inputs) > 2
    scales = op.attributes.get("scales") or op.values(2 if by_inputs else 1)
    sizes = op.values(3)
    if op.get("keep_aspect_ratio_policy", "stretch") != "stretch" or op.get("antialias", 0):
        raise UnsupportedError("it keeps the aspect ratio, or antialiases")
    how = _interpolation(op, rank - 2)
    if sizes:
        target = dict(zip(axes, sizes, strict=True))
        if any(axis < 2 and size != (x.shape or ())[axis] for axis, size in target.items()):
            raise UnsupportedError("it resizes the channels or the batch")
        whole = [target.get(axis, (x.shape or ())[axis]) for axis in range(2, rank)]
        return _resize_to(op, trace, whole, how)
    factor = dict(zip(axes, scales or (), strict=True))
    if any(axis < 2 and value != 1 for axis, value in factor.items()):
        raise UnsupportedError("it resizes the channels or the batch")
    wanted = [_number(factor.get(axis, 1)) for axis in range(2, rank)]
    return trace.layer(op, "upsample", {"scale_factor": each(wanted), **how})


def _resize_to(op: Op, trace: Tracing, sizes: Sequence[Any], how: Mapping[str, object]) -> Tensor:
    """Append an upsample to these sizes; symbolic ones by a factor or `like` an earlier tensor, where possible."""
    x = op.data()
    if not any(isinstance(size, Expr) for size in sizes):
        return trace.layer(op, "upsample", {"size": list(sizes), **how})
    if factors := _common_factor(x.sample[1:], sizes):
        return trace.layer(op, "upsample", {"scale_factor": factors, **how})
    if like := trace.sized(sizes):
        return trace.layer(op, "upsample", {"like": like.name, **how}, [x, like])
    return trace.layer(op, "upsample", {"size": list(sizes), **how})


def _number(value: Any) -> Any:  # noqa: ANN401
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


def _common_factor(before: Sequence[Size], after: Sequence[Any]) -> object:
    """Return the integer factor between symbolic sizes; None when there is none up to 64."""
    if not any(isinstance(size, Expr) for size in before):
        return None
    for factor in range(1, 65):
        if all(size * factor == wanted for size, wanted in zip(before, after, strict=True)):
            return factor
    return None


def _interpolation(op: Op, axes: int) -> dict[str, object]:
    mode = op.get("mode", "nearest")
    where = op.get("coordinate_transformation_mode", "asymmetric" if op.kind == "Upsample" else "half_pixel")
    if mode == "nearest":
        rounding = op.get("nearest_mode", "round_prefer_floor")
        if where == "asymmetric" and (rounding == "floor" or op.kind == "Upsample"):
            return {"mode": "nearest"}
        if where in HALF_PIXEL and rounding.startswith("round_prefer"):
            return {"mode": "nearest-exact"}
        raise UnsupportedError(f"its rows are matched by {where}")
    name = {1: "linear", 2: "bilinear", 3: "trilinear"}.get(axes) if mode == "linear" else "bicubic"
    if name is None or mode not in ("linear", "cubic") or where not in (*HALF_PIXEL, "align_corners"):
        raise UnsupportedError(f"its rows are matched by {where}")
    return {"mode": name, "align_corners": where == "align_corners"}


HALF_PIXEL = ("half_pixel", "pytorch_half_pixel")


RESIZING: Mapping[str, Handler] = {"Resize": resize, "Upsample": resize}
