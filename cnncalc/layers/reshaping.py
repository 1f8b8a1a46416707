"""Layers that only change the shape or the order of the elements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Whole
from cnncalc.layers.indices import Dimension, Dimensions
from cnncalc.layers.layer import Layer, Require, Shape, arg, single, text
from cnncalc.layers.memory_order import COPY, Order, Orders, permute, view
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import IDENTITY, Axis, Route, Routes
from cnncalc.layers.routes import accept_all, merged_axes, reshape_routes, row_by_row
from cnncalc.layers.saved import NONE, Reuse, Saved
from cnncalc.layers.shapes import dimension
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class _SharesMemory(Layer):
    """Base class of layers that return a view of a contiguous input."""

    saves: ClassVar[Saved | None] = NONE
    reuse: ClassVar[Reuse] = "laid out"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the view, unless the input is copied."""
        order = view(before[0], single(inputs), output)
        return None if order == COPY else order


class Flatten(_SharesMemory):
    """Several axes flattened into one, by default all of them."""

    kind: ClassVar[str] = "flatten"
    positions: ClassVar[Positions] = "gathered"

    start_dim: int = arg(Dimension("first dimension to flatten (channels are 1)"), 1)
    end_dim: int = arg(Dimension("last dimension to flatten (-1 is the last)"), -1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The axes from start_dim to end_dim as one."""
        shape = single(inputs)
        start = dimension(self.kind, self.start_dim, shape, "start_dim")
        end = dimension(self.kind, self.end_dim, shape, "end_dim")
        if start > end:
            raise LayerError(
                f"flatten: start_dim (={self.start_dim}) comes after end_dim (={self.end_dim})", field="start_dim"
            )
        return (*shape[:start], numel(shape[start : end + 1]), *shape[end + 1 :])

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Row by row; of the flattened axes, the pixel at that position, or all if the channels are flattened."""
        shape = single(inputs)
        start = dimension(self.kind, self.start_dim, shape, "start_dim")
        end = dimension(self.kind, self.end_dim, shape, "end_dim")
        return (
            Route(
                0,
                (
                    *row_by_row(start),
                    *merged_axes(shape[start : end + 1], start),
                    *row_by_row(len(shape) - end - 1, start + 1),
                ),
            ),
        )


class Reshape(_SharesMemory):
    """The same elements in another shape; the batch stays first."""

    kind: ClassVar[str] = "reshape"
    natural: ClassVar[str | None] = "shape"

    shape: tuple[Size, ...] = arg(Whole("the output sizes; one may be -1 to infer it"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """`shape`, with −1 inferred."""
        before = single(inputs)
        free = [index for index, size in enumerate(self.shape) if isinstance(size, int) and size == -1]
        if len(free) > 1:
            raise LayerError(f"reshape: only one size can be -1; got {text(self.shape)}", field="shape")
        sizes = tuple(size for index, size in enumerate(self.shape) if index not in free)
        for size in sizes:
            require(size >= 1, partial(_too_small, size))
        total, known = numel(before), numel(sizes)
        require(
            relation_eq(total % known, 0) if free else relation_eq(total, known),
            lambda: LayerError(
                f"reshape: the {total} elements of {text(before)} do not fill {text(self.shape)}", field="shape"
            ),
        )
        return tuple(total // known if index in free else size for index, size in enumerate(self.shape))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Row by row along the leading and trailing axes that stay; the axes between are rearranged."""
        return reshape_routes(single(inputs), self.output(inputs, accept_all))


class Permute(Layer):
    """The axes in another order; the batch stays first."""

    kind: ClassVar[str] = "permute"
    saves: ClassVar[Saved | None] = NONE
    reuse: ClassVar[Reuse] = "view"
    natural: ClassVar[str | None] = "dims"
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    dims: tuple[int, ...] = arg(Dimensions("the input dimension of each output axis (channels are 1)"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The sizes in the order of `dims`."""
        shape = single(inputs)
        order = [dimension(self.kind, dim, shape, "dims") for dim in self.dims]
        if sorted(order) != list(range(len(shape))):
            every = text(tuple(range(1, len(shape) + 1)))
            raise LayerError(f"permute: dims must be {every} in some order; got {text(self.dims)}", field="dims")
        return tuple(shape[index] for index in order)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Row by row, along another axis."""
        shape = single(inputs)
        order = [dimension(self.kind, dim, shape, "dims") for dim in self.dims]
        return (Route(0, tuple(Axis(IDENTITY, order.index(axis)) for axis in range(len(shape)))),)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the input, under the new numbers of the axes."""
        rank = len(output) + 1
        return permute(before[0], (0, *(dim % rank for dim in self.dims)))


def _too_small(size: Size) -> LayerError:
    return LayerError(f"reshape: sizes must be at least 1, or -1 once, got {size}", field="shape")
