"""Traces operators that reshape, move or reduce: reshape, transpose, slice, pad, means over axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from cnncalc.importers.onnx.folding import slices
from cnncalc.importers.onnx.operators import Op, UnsupportedError, each
from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.importers.onnx.tracing import Handler, Tracing
from cnncalc.symbolic import Expr, Size


def flatten(op: Op, trace: Tracing) -> Tensor:
    """Flatten, the batch kept."""
    rank = len(op.data().shape or ())
    axis = op.get("axis", 1)
    if axis % rank != 1:
        raise UnsupportedError("it flattens the batch too, or only part of a sample")
    return _flatten_all(op, trace)


def reshape(op: Op, trace: Tracing) -> Tensor:
    """Reshape, when the batch stays first."""
    x, target = op.data(), op.values(1)
    if target is None:
        target = op.whole("shape", ())
    keep = not op.get("allowzero", 0)
    shape = x.shape or ()
    sizes: list[Any] = [shape[i] if size == 0 and keep and i < len(shape) else size for i, size in enumerate(target)]
    return reshape_to(op, trace, sizes)


def reshape_to(op: Op, trace: Tracing, sizes: Sequence[Any]) -> Tensor:
    """Append a reshape to these sizes, batch included; one may be −1."""
    sample = op.data().sample
    if not sizes or len(sizes) < 2:
        raise UnsupportedError("it flattens the batch too")
    rest = list(sizes[1:])
    if sizes[0] != trace.batch and not (_whole(sizes[0]) == -1 and -1 not in rest and prod(rest) == prod(sample)):
        raise UnsupportedError("it flattens the batch too")
    if len(rest) == 1:
        return _flatten_all(op, trace)
    merged = _merged_axes(sample, rest)
    if merged is not None:
        start, end = merged
        return trace.layer(op, "flatten", {"start_dim": start, "end_dim": end})
    if all(isinstance(size, Expr) or size == before for size, before in zip(rest, sample, strict=False)) and len(
        rest
    ) == len(sample):
        return trace.layer(op, "identity", {})
    return trace.layer(op, "reshape", {"shape": rest})


def _flatten_all(op: Op, trace: Tracing) -> Tensor:
    if len(op.data().sample) == 1:
        return trace.layer(op, "identity", {})
    return trace.layer(op, "flatten", {})


def _whole(size: object) -> object:
    return size if isinstance(size, int) else None


def _merged_axes(sample: Sequence[Size], target: Sequence[Any]) -> tuple[int, int] | None:
    """Return the first and last dimension that a reshape merges, if that is all it does; None otherwise."""
    gone = len(sample) - len(target)
    if gone < 1:
        return None
    for start in range(len(target)):
        parts = sample[start : start + gone + 1]
        around = (*sample[:start], *sample[start + gone + 1 :])
        others = (*target[:start], *target[start + 1 :])
        if tuple(around) == tuple(others) and target[start] in (-1, prod(parts)):
            return start + 1, start + 1 + gone
    return None


def transpose(op: Op, trace: Tracing) -> Tensor:
    """Transpose, when the batch stays first."""
    rank = len(op.data().shape or ())
    order = op.whole("perm", range(rank)[::-1])
    if order[0] != 0:
        raise UnsupportedError("it moves the batch")
    return trace.layer(op, "permute", {"dims": order[1:]})


def squeeze(op: Op, trace: Tracing) -> Tensor:
    """Squeeze: axes of size 1 are dropped."""
    shape = op.data().shape or ()
    axes = _axes(op, 1)
    rank = len(shape)
    gone = {axis % rank for axis in axes} if axes is not None else {a for a in range(1, rank) if shape[a] == 1}
    if 0 in gone:
        raise UnsupportedError("it drops the batch")
    return reshape_to(op, trace, [size for axis, size in enumerate(shape) if axis not in gone])


def unsqueeze(op: Op, trace: Tracing) -> Tensor:
    """Unsqueeze: axes of size 1 are inserted."""
    shape, axes = list(op.data().shape or ()), _axes(op, 1) or []
    rank = len(shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        if axis == 0:
            raise UnsupportedError("it puts an axis before the batch")
        shape.insert(axis, 1)
    return trace.layer(op, "reshape", {"shape": shape[1:]})


def slice_axes(op: Op, trace: Tracing) -> Tensor:
    """Slice: one layer for each axis that it cuts."""
    x = op.data()
    rank = len(x.shape or ())
    for axis, start, end, step in slices(op, rank):
        if axis % rank == 0 or step < 1:
            raise UnsupportedError("it slices the batch, or runs backwards")
        size = (x.shape or ())[axis % rank]
        arguments: dict[str, object] = {"dim": axis % rank, "start": start, "step": step}
        if end != size and (not isinstance(end, int) or end < 2**31 - 1):
            arguments["end"] = end
        if start == 0 and step == 1 and "end" not in arguments:
            continue
        x = trace.layer(op, "slice", arguments, [x])
    return Tensor(op.makes[0], x.shape, node=x.node)


def split(op: Op, trace: Tracing) -> list[Tensor]:
    """Split: one slice for each part."""
    x = op.data()
    rank = len(x.shape or ())
    dim = op.get("axis", 0) % rank
    size = (x.shape or ())[dim]
    parts = op.attributes.get("split") or op.values(1)
    if parts is None:
        count = op.get("num_outputs", len(op.makes))
        chunk = -(-size // count)
        parts = [chunk] * (count - 1) + [size - chunk * (count - 1)]
    if dim == 0:
        raise UnsupportedError("it divides the batch")
    made, start = [], 0
    for index, part in enumerate(parts):
        arguments = {"dim": dim, "start": start} | ({"end": start + part} if start + part != size else {})
        if op.makes[index]:
            made.append(trace.layer(op, "slice", arguments, [x], makes=index))
        else:
            made.append(Tensor("", None))
        start += part
    return made


def gather(op: Op, trace: Tracing) -> Tensor:
    """Gather of one index: a slice, and a reshape that drops the axis when the index is a scalar."""
    x, index = op.data(), op.values(1) or []
    shape = list(x.shape or ())
    dim = op.get("axis", 0) % len(shape)
    if len(index) != 1 or dim == 0 or op.tensor(1).shape not in ((), (1,)):
        raise UnsupportedError("it picks several numbers, or samples")
    start = int(index[0])
    arguments: dict[str, object] = {"dim": dim, "start": start}
    if start != -1 and start + 1 != shape[dim]:
        arguments["end"] = start + 1
    part = trace.layer(op, "slice", arguments)
    if op.tensor(1).shape == (1,):
        return part
    return trace.layer(op, "reshape", {"shape": [*shape[1:dim], *shape[dim + 1 :]] or [1]}, [part])


def pad(op: Op, trace: Tracing) -> Tensor:
    """Pad of the spatial axes."""
    x = op.data()
    pads = op.attributes.get("pads") or op.attributes.get("paddings") or op.values(1)
    mode = {"edge": "replicate", "wrap": "circular"}.get(op.get("mode", "constant"), op.get("mode", "constant"))
    rank = len(x.shape or ())
    axes = op.values(3) or list(range(rank))
    sides = {int(axis) % rank: [pads[i], pads[i + len(axes)]] for i, axis in enumerate(axes)} if pads else {}
    if any(any(side) for axis, side in sides.items() if axis < 2):
        raise UnsupportedError("it pads the channels or the batch")
    padding = [sides.get(axis, [0, 0]) for axis in range(2, rank)]
    if not any(any(pair) for pair in padding):
        return trace.layer(op, "identity", {})
    if any(side < 0 for pair in padding for side in pair):
        if any(side > 0 for pair in padding for side in pair):
            raise UnsupportedError("it pads one side and crops another")
        return trace.layer(op, "crop", {"margin": [[-low, -high] for low, high in padding]})
    value = (op.values(2) or [op.get("value", 0)])[0]
    written = each([pair[0] for pair in padding]) if all(a == b for a, b in padding) else padding
    arguments: dict[str, object] = {"padding": written, "mode": mode}
    if mode == "constant" and value and abs(value) < 10**30:
        arguments["value"] = value
    return trace.layer(op, "pad", arguments)


def _axes(op: Op, index: int) -> list[int] | None:
    """Return the axes, from an attribute (before opset 13 or 18) or an input; None when omitted."""
    if "axes" in op.attributes:
        return op.whole("axes", ())
    values = op.values(index)
    return None if values is None else [int(axis) for axis in values]


def reduce(kind: str, pooling: str = "") -> Handler:
    """ReduceMean and others: `pooling`, if there is one, when all spatial axes are kept as 1, else `kind`."""

    def reduced(op: Op, trace: Tracing) -> Tensor:
        rank = len(op.data().shape or ())
        axes = _axes(op, 1)
        if not axes and op.get("noop_with_empty_axes", 0):
            return trace.layer(op, "identity", {})
        dims = sorted(axis % rank for axis in axes) if axes else list(range(rank))
        keep = bool(op.get("keepdims", 1))
        if 0 in dims:
            raise UnsupportedError("it acts on the batch")
        if dims == list(range(2, rank)) and rank > 2:
            return trace.layer(op, pooling, {}) if keep and pooling else trace.layer(op, kind, {"keepdim": keep})
        return trace.layer(op, kind, {"dim": each(dims) if len(dims) == 1 else dims, "keepdim": keep})

    return reduced


def cumsum(op: Op, trace: Tracing) -> Tensor:
    """CumSum, from the first element on, each included."""
    axis = (op.values(1) or [0])[0] % len(op.data().shape or ())
    if axis == 0 or op.get("exclusive", 0) or op.get("reverse", 0):
        raise UnsupportedError("it adds up from the end, without the element itself, or over the batch")
    return trace.layer(op, "cumsum", {"dim": int(axis)})


def depth_to_space(op: Op, trace: Tracing) -> Tensor:
    """DepthToSpace: in CRD order it is `pixel_shuffle`; DCR has the same shapes with other values."""
    if op.get("mode", "DCR") != "CRD":
        raise UnsupportedError("its order is DCR")
    return trace.layer(op, "pixel_shuffle", {"upscale_factor": op.get("blocksize", 1)})


MOVING: Mapping[str, Handler] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "Transpose": transpose,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Slice": slice_axes,
    "Split": split,
    "Gather": gather,
    "Pad": pad,
    "ReduceMean": reduce("mean", "global_avgpool"),
    "ReduceMax": reduce("max", "global_maxpool"),
    "ReduceSum": reduce("sum"),
    "CumSum": cumsum,
    "DepthToSpace": depth_to_space,
    "channel_shuffle": lambda op, trace: trace.layer(op, "channel_shuffle", {"groups": op.get("groups", 1)}),
    "pixel_unshuffle": lambda op, trace: trace.layer(op, "pixel_unshuffle", {"downscale_factor": op.get("factor", 1)}),
}
