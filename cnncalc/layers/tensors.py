"""Tensors that no input enters: learned ones, such as class tokens and position embeddings, and constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.facts import Positions
from cnncalc.layers.fields import Choice, Field, Flag, Number
from cnncalc.layers.indices import Dimension, Sizes
from cnncalc.layers.layer import NO_WEIGHTS, Layer, Require, Shape, Weights, arg
from cnncalc.layers.memory_order import Order, Orders, make_order
from cnncalc.layers.merge import Add, Concat, Multiply
from cnncalc.layers.operations import NOTHING, Operations
from cnncalc.layers.reading import Routes
from cnncalc.layers.saved import NONE, Reuse, Saved, Wanted
from cnncalc.symbolic import Size

BATCH = 0
ADD, MULTIPLY = Add(), Multiply()


class Parameter(Layer):
    """A learned tensor, by itself or merged with the input: a class token, position embeddings, queries."""

    kind: ClassVar[str] = "parameter"
    natural: ClassVar[str | None] = "shape"
    inputs: ClassVar[tuple[int, int | None]] = (0, 1)
    linear: ClassVar[bool] = True

    shape: tuple[Size, ...] | None = arg(
        Sizes("its sizes, without the batch; default where it is added or multiplied: those of the input"), None
    )
    merge: str = arg(
        Choice("how it joins the input; concat puts it in front", ("none", "add", "multiply", "concat")), "none"
    )
    dim: int = arg(Dimension("the dimension along which to concatenate (channels are 1)"), 2)

    @classmethod
    def usage(cls, value: Callable[[Field], str] = lambda field: "…") -> str:
        """By itself it would need a shape."""
        return f"{cls.kind}: {{merge: add}}"

    @property
    def takes(self) -> tuple[int, int | None]:
        """No input if it stands by itself, else one."""
        return (0, 0) if self.merge == "none" else (1, 1)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """`shape`, or what joining it with the input gives."""
        if self.shape is None and self.merge in ("none", "concat"):
            raise LayerError(
                f"{self.kind} needs a shape", field="shape", hint=f"write {self.kind}: [8, 1], or merge: add"
            )
        return self._join.output(self._joined(inputs), require) if self._join else self._sizes(inputs)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The tensor."""
        return {"weight": self._sizes(inputs)}

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """An addition or a multiplication per output element; nothing if it is concatenated or by itself."""
        return self._join.operations(self._joined(inputs), output) if self._join else NOTHING

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """Of a product, the input, for the gradient of the tensor."""
        return Saved(inputs=(0,)) if self.merge == "multiply" and wanted.weights else NONE

    def reading(self, inputs: Sequence[Shape]) -> Routes:
        """Of the input, the element at the same position, behind the tensor if that is concatenated."""
        if not self._join:
            return ()
        routes = self._join.reading(self._joined(inputs))
        return tuple(route._replace(source=0) for route in routes if route.source == self._place)

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """By itself, one tensor for all images: the batch is not laid out."""
        if not self._join:
            return make_order(range(len(output) + 1), frozenset({BATCH}))
        orders = [None, *before] if self._place else [*before, None]
        return self._join.order(self._joined(inputs), output, orders, reuses)

    def reuses(self, training: bool) -> Reuse:
        """That of its weight if it stands by itself."""
        return "none" if self._join else "weights"

    def passes_gradient(self, number: int, inputs: Sequence[Shape], output: Shape) -> bool:
        """As in the layer that joins them."""
        join = self._join
        return join is not None and join.passes_gradient(self._place, self._joined(inputs), output)

    @property
    def positions(self) -> Positions:
        """As in the layer that joins them."""
        return self._join.positions if self._join else "other"

    @property
    def keeps_offsets(self) -> bool:
        """If it is added."""
        return self.merge == "add"

    @property
    def _join(self) -> Add | Multiply | Concat | None:
        """The layer that joins it with the input; none if it stands by itself."""
        if self.merge == "concat":
            return Concat(dim=self.dim)
        return {"add": ADD, "multiply": MULTIPLY}.get(self.merge)

    @property
    def _place(self) -> int:
        """The number of the input among those that are joined."""
        return 1 if self.merge == "concat" else 0

    def _sizes(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0] if self.shape is None else self.shape

    def _joined(self, inputs: Sequence[Shape]) -> list[Shape]:
        return [self._sizes(inputs), *inputs] if self._place else [*inputs, self._sizes(inputs)]


class Constant(Parameter):
    """A tensor that is not trained, by itself or merged with the input: a table of sines, a mask, zeros."""

    kind: ClassVar[str] = "constant"

    buffer: bool = arg(Flag("store it with the network's state, as a buffer"), False)
    value: int | Fraction | None = arg(Number("the value of every element; default: any numbers"), None)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """None."""
        return NO_WEIGHTS

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """The tensor, if it is stored."""
        return {"weight": self._sizes(inputs)} if self.buffer else NO_WEIGHTS

    def order(self, inputs: Sequence[Shape], output: Shape, before: Orders, reuses: bool) -> Order | None:
        """By itself contiguous, unless it is the stored tensor."""
        if not self._join and not self.buffer:
            return None
        return super().order(inputs, output, before, reuses)

    def reuses(self, training: bool) -> Reuse:
        """That of the stored tensor if it stands by itself; otherwise it is made for each image."""
        return super().reuses(training) if self.buffer else "none"
