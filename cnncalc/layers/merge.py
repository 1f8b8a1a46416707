"""Layers that join several tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.indices import Dimension
from cnncalc.layers.layer import Layer, Require, Shape, arg, text
from cnncalc.layers.memory_order import Order, Orders, broadcast_order, can_merge, channels_last, is_channels_last
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import IDENTITY, WHOLE, Axis, Route, Routes, Segment
from cnncalc.layers.routes import row_by_row
from cnncalc.layers.saved import NONE, Saved, SavedTensor, Wanted
from cnncalc.layers.shapes import broadcast, dimension
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class Add(Layer):
    """The sum of its inputs; a size of 1 is broadcast."""

    kind: ClassVar[str] = "add"
    saves: ClassVar[Saved | None] = NONE
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    joins: ClassVar[bool] = True
    broadcasts: ClassVar[bool] = True
    commutes: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = True
    keeps_offsets: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    positions: ClassVar[Positions] = "kept"

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The common shape."""
        return broadcast(self.kind, inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One addition per output element and input after the first."""
        return Operations(add=numel(output) * (len(inputs) - 1))

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads the one at its position; an axis of size 1 is read by all."""
        wide = [any(size != 1 for size in sizes) for sizes in zip(*inputs, strict=True)]
        return tuple(
            Route(source, tuple(_broadcast_axis(axis, size, wide[axis]) for axis, size in enumerate(shape)))
            for source, shape in enumerate(inputs)
        )

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """That of the first input along the axes where it is not broadcast; without gaps."""
        return broadcast_order(inputs, before)

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """If this input is not broadcast."""
        return inputs[number] == output


def _broadcast_axis(axis: int, size: Size, wide: bool) -> Axis:
    """Row by row, except for a single row where another input has more."""
    return WHOLE if wide and size == 1 else Axis(IDENTITY, axis)


class Subtract(Add):
    """The first input minus all others; a size of 1 is broadcast."""

    kind: ClassVar[str] = "subtract"
    commutes: ClassVar[bool] = False
    keeps_sign: ClassVar[bool] = False
    stand_in: ClassVar[str | None] = "add"

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """That of the first input if it is not broadcast; the others' is negated."""
        return number == 0 and inputs[0] == output


class Multiply(Add):
    """The elementwise product of its inputs; a size of 1 is broadcast."""

    kind: ClassVar[str] = "multiply"
    keeps_offsets: ClassVar[bool] = False
    linear: ClassVar[bool] = False
    stand_in: ClassVar[str | None] = "add"  # many gates one upon another would overflow

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One multiplication per output element and input after the first."""
        return Operations(multiply=numel(output) * (len(inputs) - 1))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """For each wanted gradient, the other factor; intermediate products are tensors of the layer's own."""
        return _saved_of_pairs(inputs, wanted, "product", divides=False)

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """Never: it is multiplied by the other inputs."""
        return False


class Divide(Multiply):
    """The first input divided by all others; a size of 1 is broadcast."""

    kind: ClassVar[str] = "divide"
    commutes: ClassVar[bool] = False

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One division per output element and input after the first."""
        return Operations(divide=numel(output) * (len(inputs) - 1))

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Each divisor, and what it divides if its own gradient is wanted; quotients on the way are the layer's own."""
        return _saved_of_pairs(inputs, wanted, "quotient", divides=True)


def _saved_of_pairs(inputs: Sequence[Shape], wanted: Wanted, result: str, divides: bool) -> Saved:
    """What is saved where each input after the first multiplies, or divides, the result of those before it."""
    kept, own, wide = set(), [], inputs[0]
    for number in range(1, len(inputs)):
        if any(wanted.inputs[: number + divides]):
            kept.add(number)
        if wanted.inputs[number] and number == 1:
            kept.add(0)
        elif wanted.inputs[number]:
            own.append(SavedTensor(numel(wide), result))
        wide = _wider(wide, inputs[number])
    return Saved(tuple(sorted(kept)), own=tuple(own))


def _wider(one: Shape, other: Shape) -> Shape:
    """The common shape of two that agree."""
    return tuple(b if isinstance(a, int) and a == 1 else a for a, b in zip(one, other, strict=True))


class Concat(Layer):
    """Its inputs concatenated along a dimension, by default the channels."""

    kind: ClassVar[str] = "concat"
    saves: ClassVar[Saved | None] = NONE
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    joins: ClassVar[bool] = True
    bounded: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    dim: int = arg(Dimension("the dimension along which to concatenate (channels are 1)"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The first shape with the sizes along `dim` summed; all other sizes must agree."""
        first = inputs[0]
        index = dimension(self.kind, self.dim, first)
        for shape in inputs[1:]:
            if len(shape) != len(first):
                raise _mismatch(inputs, self.dim)
            for axis, (size, expected) in enumerate(zip(shape, first, strict=True)):
                if axis != index:
                    require(relation_eq(size, expected), lambda: _mismatch(inputs, self.dim))
        return (*first[:index], sum(shape[index] for shape in inputs), *first[index + 1 :])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """No operations: elements are only moved."""
        return NOTHING

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Each element reads the one at its position; along `dim`, in the input that covers it."""
        index = dimension(self.kind, self.dim, inputs[0])
        if len(inputs) == 1:
            return (Route(0, row_by_row(len(inputs[0]))),)
        begins = accumulate((shape[index] for shape in inputs), initial=0)
        front, behind = row_by_row(index), row_by_row(len(inputs[0]) - index - 1, index + 1)
        return tuple(
            Route(source, (*front, Axis(Segment(begin, shape[index]), index), *behind))
            for source, (begin, shape) in enumerate(zip(begins, inputs, strict=False))
        )

    @property
    def positions(self) -> Positions:
        """Kept if channels are concatenated."""
        return "kept" if self.dim == 1 else "other"

    @property
    def keeps_offsets(self) -> bool:
        """If channels are concatenated."""
        return self.dim == 1

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """Channels last if all inputs are."""
        last = len(output) > 2 and all(map(is_channels_last, before, inputs))
        return channels_last(output) if last else None

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """Always: a slice of it."""
        return True


def _mismatch(inputs: Sequence[Shape], dim: int) -> LayerError:
    return LayerError(
        f"concat needs inputs that agree except in dimension {dim}, got {' and '.join(map(text, inputs))}",
        hint="crop or resize one of them first" if len(inputs[0]) > 1 else None,
    )


def _transposed_hint(left: Shape, right: Shape) -> str | None:
    """How to swap the last two axes of the second factor, if that makes it fit, as in q·kᵀ."""
    if relation_eq(left[-1], right[-1]) is not True:
        return None
    *before, rows, columns = range(1, len(right) + 1)
    return f"put `permute: {text((*before, columns, rows))}` after the second: it must be transposed"


class Matmul(Layer):
    """The matrix product of two inputs over their last two axes; leading axes are broadcast as in `add`."""

    kind: ClassVar[str] = "matmul"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[…, n, m] from […, n, k] and […, k, m]."""
        left, right = inputs
        if len(left) != len(right) or len(left) < 2:
            raise LayerError(f"matmul needs two matrices, got {text(left)} and {text(right)}")
        require(
            relation_eq(left[-1], right[-2]),
            lambda: LayerError(
                f"matmul needs [n, k] and [k, m], got {text(left)} and {text(right)}",
                hint=_transposed_hint(left, right),
            ),
        )
        return (*broadcast(self.kind, (left[:-2], right[:-2]), require), left[-2], right[-1])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """k MACs per output element."""
        return Operations(mac=numel(output) * inputs[0][-1])

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Each factor for the other's gradient; a broadcast factor is saved expanded."""
        batch = output[:-2]
        saved = NONE
        for number, shape in enumerate(inputs):
            if not wanted.inputs[1 - number]:
                continue
            if shape[:-2] == batch:
                saved = saved._replace(inputs=(*saved.inputs, number))
            else:
                saved = saved.and_own(SavedTensor(numel((*batch, *shape[-2:])), "repeated input"))
        return saved

    def copied(self, inputs: Sequence[Shape], before: Orders) -> tuple[int, ...]:
        """Copies of the factors whose leading axes no view can merge into one: PyTorch multiplies lists of matrices."""
        leading = range(len(inputs[0]) - 1)
        merged = [can_merge(order, shape, leading) for order, shape in zip(before, inputs, strict=True)]
        return tuple(number for number, can in enumerate(merged) if not can)

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """A whole row of the first and a whole column of the second."""
        rank = len(inputs[0])
        front = row_by_row(rank - 2)
        left, right = Axis(IDENTITY, rank - 2), Axis(IDENTITY, rank - 1)
        return (Route(0, (*front, left, WHOLE)), Route(1, (*front, WHOLE, right)))
