"""The order of a tensor's elements in memory, which decides whether PyTorch views, copies or keeps a layout.

Axes are PyTorch's: 0 is the batch, 1 the channels. None stands for a contiguous tensor: in the order of its axes,
without gaps. Sources: `computeStride` and `is_channels_last_strides_*d` of PyTorch's ATen, and
`TensorIterator::reorder_dimensions`, which lays out the results of elementwise operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

from cnncalc.layers.saved import is_one
from cnncalc.quantities.sizes import numel
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size, relation_eq

Shape = tuple[Size, ...]
COPY: Literal["copy"] = "copy"


class Order(NamedTuple):
    """The axes from the outermost to the innermost.

    `gaps` has the axes whose step is longer than what lies inside; the innermost, if its step is not 1.
    """

    axes: tuple[int, ...]
    gaps: frozenset[int] = frozenset()


Orders: TypeAlias = "Sequence[Order | None]"
"""The orders of the inputs of a layer."""


def make_order(axes: Sequence[int], gaps: frozenset[int] = frozenset()) -> Order | None:
    """The order with these axes; None if it is contiguous."""
    ordered = tuple(axes)
    return None if not gaps and ordered == tuple(range(len(ordered))) else Order(ordered, gaps)


def channels_last(shape: Shape) -> Order | None:
    """The order of a dense tensor with the channels innermost."""
    return make_order((0, *range(2, len(shape) + 1), 1))


def is_channels_last(order: Order | None, shape: Shape) -> bool:
    """Whether PyTorch takes a map for channels last: by the steps of all axes, those of size 1 included, with gaps."""
    if order is None or all(map(is_one, shape)):
        return False
    wanted = (0, *range(2, len(shape) + 1), 1)
    levels = _levels(order, shape)
    return tuple(sorted(wanted, key=lambda axis: (levels[axis], _is_narrow(axis, shape)))) == wanted


def convolved(order: Order | None, shape: Shape, output: Shape) -> Order | None:
    """The order of what a convolution returns: channels last if its input is.

    Over one axis PyTorch makes the input contiguous first, but an axis of size 1 lets it be both.
    """
    last = is_channels_last(order, shape) and (len(shape) > 2 or is_contiguous(order, shape))
    return channels_last(output) if last else None


def is_contiguous(order: Order | None, shape: Shape) -> bool:
    """Whether the elements are in the order of the axes, without gaps; axes of size 1 do not matter."""
    steps = _wide_axes(order, shape)
    return not any(gap for _, gap in steps) and [axis for axis, _ in steps] == sorted(axis for axis, _ in steps)


def is_filled_channels_last(order: Order | None, shape: Shape) -> bool:
    """Whether the channels are last, without gaps; axes of size 1 do not matter."""
    axes = [axis for axis, _ in _wide_axes(order, shape)]
    wanted = [axis for axis in (0, *range(2, len(shape) + 1), 1) if axis in axes]
    return axes == wanted and is_dense(order, shape)


def is_dense(order: Order | None, shape: Shape) -> bool:
    """Whether there are no gaps."""
    return not any(gap for _, gap in _wide_axes(order, shape))


def close_gaps(order: Order | None) -> Order | None:
    """The order of the result of an elementwise operation on one tensor."""
    return order and make_order(order.axes)


def narrow(order: Order | None, shape: Shape, axis: int, length: Size, step: Size = 1) -> Order | None:
    """The order of a part of a tensor: `length` of the elements along an axis, each `step` apart."""
    axes = order.axes if order else tuple(range(len(shape) + 1))
    gaps = set(order.gaps) if order else set()
    step = 1 if is_one(length) else step
    place = axes.index(axis)
    if place and relation_eq(length * step, shape[axis - 1]) is not True:
        gaps.add(axes[place - 1])
    if not is_one(step):
        gaps.add(axis)
    return make_order(axes, frozenset(gaps))


def permute(order: Order | None, dims: Sequence[int]) -> Order | None:
    """The order of a view whose axis i is the axis `dims[i]`."""
    axes = order.axes if order else range(len(dims))
    gaps = order.gaps if order else ()
    return make_order([dims.index(axis) for axis in axes], frozenset(dims.index(axis) for axis in gaps))


def can_merge(order: Order | None, shape: Shape, axes: Sequence[int]) -> bool:
    """Whether a view can merge these axes, in this sequence, into one."""
    steps = _wide_axes(order, shape)
    places = [axis for axis, _ in steps]
    wide = [axis for axis in axes if axis in places]
    follow = {axis: inner for (axis, gap), (inner, _) in pairwise(steps) if not gap}
    return all(follow.get(axis) == inner for axis, inner in pairwise(wide))


def view(order: Order | None, shape: Shape, output: Shape) -> Order | Literal["copy"] | None:
    """The order of a view with another shape; COPY if there is none, so that the elements must be copied."""
    if is_contiguous(order, shape):
        return None
    steps = _wide_axes(order, shape)
    parts: dict[int, list[int]] = {0: [0]}  # the first axis of a run of mergeable axes → the output axes that cover it
    heads = {0: 0}  # axis → the first of its run
    pending = list(range(1, len(output) + 1))
    wide = [axis for axis in range(1, len(shape) + 1) if not _is_narrow(axis, shape)]
    while wide:
        run = [wide.pop(0)]
        while wide and can_merge(order, shape, (*run, wide[0])):
            run.append(wide.pop(0))
        covered = _cover(numel(tuple(shape[axis - 1] for axis in run)), pending, output)
        if covered is None:
            return COPY
        parts[run[0]], pending = covered, pending[len(covered) :]
        heads.update(dict.fromkeys(run, run[0]))
    gaps = {parts[heads[axis]][-1] for axis, gap in steps if gap}
    axes = [axis for old, _ in steps if old in parts for axis in parts[old]]
    return make_order([*axes, *pending], frozenset(gaps))


def broadcast_order(shapes: Sequence[Shape], orders: Orders) -> Order | None:
    """The order of the result of elementwise operations on tensors, one after another.

    Two axes are in the order of the first tensor that is repeated along neither of them.
    """
    if not any(orders):
        return None
    (wide, *more), (order, *later) = shapes, orders
    for shape, other in zip(more, later, strict=True):
        result = tuple(b if is_one(a) else a for a, b in zip(wide, shape, strict=True))
        wide, order = result, _sort_axes((wide, shape), (order, other), result)
    return close_gaps(order)


def _sort_axes(shapes: Sequence[Shape], orders: Orders, output: Shape) -> Order | None:
    """The insertion sort of TensorIterator."""
    axes = list(range(len(output), -1, -1))  # from the innermost
    levels = [_levels(order, shape) for order, shape in zip(orders, shapes, strict=True)]
    for index in range(1, len(axes)):
        here = index
        for below in range(index - 1, -1, -1):
            swaps = _compare(axes[below], axes[here], shapes, levels, output)
            if swaps > 0:
                axes[below], axes[here] = axes[here], axes[below]
                here = below
            elif swaps < 0:
                break
    return make_order(axes[::-1])


def _compare(inner: int, outer: int, shapes: Sequence[Shape], levels: Sequence[dict[int, int]], output: Shape) -> int:
    """Positive if the axes must change places, negative if not, 0 if no tensor tells."""
    for shape, level in zip(shapes, levels, strict=True):
        if any(_is_narrow(axis, shape) and not _is_narrow(axis, output) for axis in (inner, outer)):
            continue
        if level[inner] != level[outer]:
            return level[outer] - level[inner]
        if _is_narrow(outer, output) and not _is_narrow(inner, output):
            return 1
    return 0


def _levels(order: Order | None, shape: Shape) -> dict[int, int]:
    """Axis → its level: the outermost axes have level 0; axes with equal steps have the same."""
    axes, gaps = order or (range(len(shape) + 1), frozenset[int]())
    level, levels = 0, {axes[0]: 0}
    for outer, axis in pairwise(axes):
        level += outer in gaps or not _is_narrow(axis, shape)
        levels[axis] = level
    return levels


def _cover(numbers: Size, pending: Sequence[int], output: Shape) -> list[int] | None:
    """The first of these output axes whose sizes multiply to `numbers`; None if there are none."""
    product: Size = 1
    for count, axis in enumerate(pending, 1):
        product = product * output[axis - 1]
        if relation_eq(product, numbers) is True:
            return list(pending[:count])
    return None


def _wide_axes(order: Order | None, shape: Shape) -> list[tuple[int, bool]]:
    """The axes that are not of size 1, from the outermost, each with whether there is a gap before the next."""
    axes, gaps = order or (range(len(shape) + 1), frozenset[int]())
    steps: list[tuple[int, bool]] = []
    for axis in axes:
        if not _is_narrow(axis, shape):
            steps.append((axis, axis in gaps))
        elif steps and axis in gaps:
            steps[-1] = (steps[-1][0], True)
    return steps


def _is_narrow(axis: int, shape: Shape) -> bool:
    """Whether the size of an axis is 1; that of the batch is not."""
    return axis > 0 and is_one(shape[axis - 1])
