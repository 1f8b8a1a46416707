"""Layers that change the shape or the order of elements. What depends on Keras's order gets it, by a permute.

A permutation of a vector that a linear layer reads is only another order of its weights: a map is flattened in our
order, unless something behind it depends on Keras's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.importers.keras.config import concrete, whole
from cnncalc.importers.keras.sliding import entering, is_last
from cnncalc.importers.keras.tracing import Handler, Tracing, is_trivial, pointwise
from cnncalc.importers.keras.values import Shape, Step, Value, product
from cnncalc.symbolic import Size


def flatten(step: Step, trace: Tracing) -> Value:
    """Flatten."""
    value = step.first
    if value.rank < 2:
        return value
    return flattened(step, trace, value, is_last(step, trace) or trace.last)


def flattened(step: Step, trace: Tracing, value: Value, last: bool = True) -> Value:
    """Return the elements of a tensor as a vector, in the order of a tensor with its channels last."""
    path = step.scope + step.layer.name
    value = value if last or value.moved else trace.in_form(step, value, True)
    if not value.moved or is_trivial(value.shape):
        return trace.add(step, "flatten", {}, value, moved=False)._replace(free=value.free, scrambled=value.scrambled)
    if path in trace.exact:
        return trace.add(step, "flatten", {}, trace.in_form(step, value, False), moved=False)
    made = trace.add(step, "flatten", {}, value, moved=False)
    return made._replace(scrambled=value.scrambled | {path})


def reshape(step: Step, trace: Tracing) -> Value:
    """Reshape: one size may be -1, or null in older files."""
    name, target = step.config.find("target_shape", "dims")
    if not isinstance(target, list):
        step.config.expect("a list of sizes", name)
    return reshaped(step, trace, step.first, _complete(step, name, target, step.first.shape))


def _complete(step: Step, name: str, target: list[Any], shape: Shape) -> Shape:
    sizes: list[Size] = []
    open_at = None
    for index, size in enumerate(target):
        number = -1 if size is None else whole(size)
        if number is None or number < -1 or number == 0 or (number == -1 and open_at is not None):
            step.config.expect("a whole number of at least 1, or -1 once", name, index)
        open_at = index if number == -1 else open_at
        sizes.append(number)
    if open_at is None:
        return tuple(sizes)
    known = product([size for index, size in enumerate(sizes) if index != open_at])
    sizes[open_at] = product(shape) // known
    return tuple(sizes)


def reshaped(step: Step, trace: Tracing, value: Value, target: Shape) -> Value:
    """Return a tensor with another shape in Keras, and its elements in Keras's order.

    The channels stay in front where they are the last axis before and after; a vector whose order is that of weights
    becomes a map of channels directly.
    """
    moved = _stays_moved(value, target) and trace.last
    if not moved and value.moved:
        value = trace.in_form(step, trace.ordered(value), False)
    elif not moved or not value.free:
        value = trace.ordered(value)
    if len(target) == 1:
        made = trace.add(step, "flatten", {}, value, moved=False) if value.rank > 1 else value
        return made._replace(free=value.free)
    sizes = (target[-1], *target[:-1]) if moved else target
    made = trace.add(step, "reshape", {"shape": list(sizes)}, value, moved=moved)
    return made._replace(free=value.free)


def _stays_moved(value: Value, target: Shape) -> bool:
    """Whether a reshape of the tensor as it is laid out here is that of Keras, with the last axis moved."""
    if len(target) < 2:
        return value.moved and is_trivial(value.shape)
    same = value.rank > 1 and _same(value.shape[-1], target[-1])
    if value.moved:
        return same or (is_trivial(value.shape) and is_trivial(target))
    return is_trivial(target) or (value.rank == 1 and value.free)


def _same(one: Size, other: Size) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one == other


def permute(step: Step, trace: Tracing) -> Value:
    """Permute: `dims` counts from 1."""
    dims = step.config.get("dims")
    if not isinstance(dims, list) or sorted(map(str, dims)) != sorted(map(str, range(1, step.first.rank + 1))):
        step.config.expect(f"the numbers 1 to {step.first.rank} in some order", "dims")
    return permuted(step, trace, step.first, [int(dim) for dim in dims])


def permuted(step: Step, trace: Tracing, value: Value, dims: Sequence[int]) -> Value:
    """Return a tensor with its axes in another order; no layer is needed if that is the order in which it lies here."""
    shape = tuple(value.shape[dim - 1] for dim in dims)
    have = [value.dim(dim) for dim in dims]  # our axis for each of the new axes of Keras
    for moved in (trace.last, not trace.last):
        order = [have[-1], *have[:-1]] if moved and len(have) > 1 else have
        if order == sorted(order):
            return Value(value.node, shape, moved and len(shape) > 1)
    moved = trace.last and len(shape) > 1
    order = [have[-1], *have[:-1]] if moved else have
    return trace.add(step, "permute", {"dims": order}, trace.ordered(value), moved=moved)


def repeat(step: Step, trace: Tracing) -> Value:
    """RepeatVector: [features] → [n, features]."""
    count, value = step.config.count("n"), step.first
    if value.rank != 1:
        step.refuse(f"it needs a vector, got {value.rank} axes without the batch")
    column = trace.add(step, "reshape", {"shape": [value.shape[0], 1]}, value, moved=True)
    if count == 1:
        return column
    return trace.add(step, "upsample", {"size": [count]}, column)


def pad(step: Step, trace: Tracing) -> Value:
    """ZeroPadding1D, ZeroPadding2D, ZeroPadding3D."""
    sides = step.config.pairs("padding", rank=step.axes, default=1)
    return trace.add(step, "pad", {"padding": sides}, entering(step, trace))


def crop(step: Step, trace: Tracing) -> Value:
    """Cropping1D, Cropping2D, Cropping3D."""
    sides = step.config.pairs("cropping", rank=step.axes, default=1)
    value = entering(step, trace)
    if not any(map(any, sides)):
        return value
    return trace.add(step, "crop", {"margin": sides}, value)


def upsample(step: Step, trace: Tracing) -> Value:
    """UpSampling1D, UpSampling2D, UpSampling3D: rows repeated, or interpolated."""
    config, value = step.config, entering(step, trace)
    name, size = config.find("size", "length")
    factors = config.sizes(name, rank=step.axes, default=2) if size is not None else [2] * step.axes
    mode = {"bicubic": "bicubic", "bilinear": "bilinear"}.get(
        config.word("interpolation", default="nearest"), "nearest"
    )
    return trace.add(step, "upsample", {"scale_factor": factors, "mode": mode}, value)


def resizing(step: Step, trace: Tracing) -> Value:
    """Resizing, and the crops of preprocessing layers: of the middle, as at inference."""
    config, value = step.config, entering(step, trace)
    size = [config.count("height"), config.count("width")]
    if step.kind == "Resizing":
        mode = {"bicubic": "bicubic", "nearest": "nearest"}.get(config.word("interpolation", default="bilinear"))
        return trace.add(step, "upsample", {"size": size, "mode": mode or "bilinear"}, value)
    known = concrete(value.ours[1:])
    if known is not None and any(to > now for to, now in zip(size, known, strict=True)):
        return trace.add(step, "upsample", {"size": size, "mode": "bilinear"}, value)
    return trace.add(step, "crop", {"size": size}, value)


def unchanged(step: Step, trace: Tracing) -> Value:
    """Layers that act in training alone, or on the gradient, the loss or the mask."""
    return pointwise(trace.add(step, "identity", {}, step.first), step.first)


RESHAPING: Mapping[str, Handler] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    "RepeatVector": repeat,
    **{f"ZeroPadding{rank}D": pad for rank in "123"},
    **{f"Cropping{rank}D": crop for rank in "123"},
    **{f"UpSampling{rank}D": upsample for rank in "123"},
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), resizing),
}
"""Class → how it is traced."""
