"""The placeholder for an operator that an importer does not support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Count, Label, Whole
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, single, text
from cnncalc.symbolic import Size, relation_eq


class Unknown(Layer):
    """An unsupported operation: its output is known, its cost is not; totals say "at least"."""

    kind: ClassVar[str] = "unknown"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)

    op: str = arg(Label("name of the operation in the source"))
    shape: tuple[Size, ...] = arg(Whole("output sizes without the batch"))
    seen: tuple[Size, ...] | None = arg(Whole("sizes of its first input for which `shape` holds"), None)
    params: Size | None = arg(Count("number of trainable parameters; default: not known", 0), None)
    kept: Size = arg(Count("number of buffer values (stored, not trained)", 0), 0)

    @property
    def weights_known(self) -> bool:
        """Whether the number of trainable parameters is known."""
        return self.params is not None

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """`shape`, valid for an input of the size `seen`."""
        for size in self.shape:
            require(size >= 1, lambda: LayerError("unknown: sizes must be at least 1", field="shape"))
        entering = single(inputs)
        if self.seen is not None:
            require(len(entering) == len(self.seen), lambda: self._unseen(entering))
            for size, before in zip(entering, self.seen, strict=True):
                require(relation_eq(size, before), lambda: self._unseen(entering))
        return self.shape

    def _unseen(self, entering: Shape) -> LayerError:
        known = f"the output of {self.op} is known only for an input of {text(self.seen or ())}"
        return LayerError(f"unknown: {known}, got {text(entering)}", field="op")

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """All trainable parameters, as one tensor."""
        return {"params": (self.params,)} if self.params else {}

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """All buffer values, as one tensor."""
        return {"kept": (self.kept,)} if self.kept else {}
