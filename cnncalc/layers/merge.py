"""Layers that join several tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.indices import Dimension
from cnncalc.layers.layer import Layer, Require, Shape, arg, text
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.shapes import broadcast, count, dimension
from cnncalc.symbolic import relation_eq


class Add(Layer):
    """The sum of its inputs; a size of 1 is repeated to match."""

    kind: ClassVar[str] = "add"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The common shape."""
        return broadcast(self.kind, inputs, require)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One addition per number that leaves and input after the first."""
        return Operations(add=count(output) * (len(inputs) - 1))


class Subtract(Add):
    """The first input less all others; a size of 1 is repeated to match."""

    kind: ClassVar[str] = "subtract"


class Multiply(Add):
    """The product of its inputs, number by number; a size of 1 is repeated to match."""

    kind: ClassVar[str] = "multiply"

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """One multiplication per number that leaves and input after the first."""
        return Operations(multiply=count(output) * (len(inputs) - 1))


class Concat(Layer):
    """Its inputs laid end to end along a dimension: the channels where nothing is said."""

    kind: ClassVar[str] = "concat"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)

    dim: int = arg(Dimension("the dimension along which they are laid (the channels are 1)"), 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The shape of the first, with the sum of the sizes of `dim`; all other sizes must agree."""
        first = inputs[0]
        index = dimension(self.kind, self.dim, first)
        for shape in inputs[1:]:
            if len(shape) != len(first):
                raise _unlike(inputs, self.dim)
            for axis, (size, expected) in enumerate(zip(shape, first, strict=True)):
                if axis != index:
                    require(relation_eq(size, expected), lambda: _unlike(inputs, self.dim))
        return (*first[:index], sum(shape[index] for shape in inputs), *first[index + 1 :])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """None: numbers are moved."""
        return NOTHING


def _unlike(inputs: Sequence[Shape], dim: int) -> LayerError:
    return LayerError(
        f"concat needs inputs that agree but for dimension {dim}, and gets {' and '.join(map(text, inputs))}",
        hint="crop or resize one of them first" if len(inputs[0]) > 1 else None,
    )


class Matmul(Layer):
    """The matrix product of two inputs over their last two axes; axes before them match as in `add`."""

    kind: ClassVar[str] = "matmul"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """[…, n, m] from […, n, k] and […, k, m]."""
        left, right = inputs
        if len(left) != len(right) or len(left) < 2:
            raise LayerError(f"matmul needs two matrices, and gets {text(left)} and {text(right)}")
        require(
            relation_eq(left[-1], right[-2]),
            lambda: LayerError(f"matmul needs [n, k] and [k, m], and gets {text(left)} and {text(right)}"),
        )
        return (*broadcast(self.kind, (left[:-2], right[:-2]), require), left[-2], right[-1])

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """k MACs per number that leaves."""
        return Operations(mac=count(output) * inputs[0][-1])
