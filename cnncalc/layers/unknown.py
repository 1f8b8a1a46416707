"""The placeholder for an operation that has no descriptor, by hand or from an importer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from cnncalc.errors import LayerError
from cnncalc.layers.fields import Count, Label, Schema, Whole
from cnncalc.layers.layer import Layer, Require, Shape, Weights, arg, single, text
from cnncalc.layers.operations import Operations
from cnncalc.layers.values import format_value
from cnncalc.symbolic import Size, relation_eq

ANY: Literal["any"] = "any"


class Seen(Whole):
    """A list of sizes."""

    __slots__ = ()

    def convert(self, value: object, rank: int | None) -> tuple[Size, ...] | str:  # type: ignore[override]
        """The sizes, or the word."""
        if isinstance(value, str) and value != ANY:
            raise LayerError(f"expected sizes or '{ANY}', got {format_value(value)}")
        return ANY if value == ANY else super().convert(value, rank)

    def schema(self) -> Schema:
        """The word, or sizes."""
        return {"anyOf": [{"enum": [ANY]}, *super().schema()["anyOf"]]}

    @property
    def words(self) -> frozenset[str]:
        """The word that stands for all sizes."""
        return frozenset({ANY})


class Unknown(Layer):
    """An operation without a descriptor: its output is known, its cost if given; totals say "at least"."""

    kind: ClassVar[str] = "unknown"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    derived: ClassVar[frozenset[str]] = frozenset({"seen"})

    op: str = arg(Label("name of the operation in the source"))
    shape: tuple[Size, ...] = arg(Whole("output sizes without the batch, numbers or expressions of its input"))
    seen: tuple[Size, ...] | str | None = arg(
        Seen("sizes of its first input for which `shape` holds, or any; default: those at the spec's own input"), None
    )
    params: Size | None = arg(Count("number of trainable parameters; default: not known", 0), None)
    kept: Size = arg(Count("number of buffer values (stored, not trained)", 0), 0)
    macs: Size | None = arg(Count("multiply-accumulates for one sample, its only cost; default: not known", 0), None)

    @property
    def weights_known(self) -> bool:
        """Whether the number of trainable parameters is known."""
        return self.params is not None

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """`shape`, valid for an input of the size `seen`."""
        for size in self.shape:
            require(size >= 1, lambda: LayerError("unknown: sizes must be at least 1", field="shape"))
        entering = single(inputs)
        if isinstance(self.seen, tuple):
            require(len(entering) == len(self.seen), lambda: self._unseen(entering))
            for size, before in zip(entering, self.seen, strict=True):
                require(relation_eq(size, before), lambda: self._unseen(entering))
        return self.shape

    def _unseen(self, entering: Shape) -> LayerError:
        seen = text(self.seen if isinstance(self.seen, tuple) else ())
        known = f"the output of {self.op} is known only for an input of {seen}"
        hint = "write `shape` with in_channels and in_size, or `seen: any` if it holds for every input"
        return LayerError(f"unknown: {known}, got {text(entering)}", field="op", hint=hint)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations | None:
        """`macs`, if given."""
        return None if self.macs is None else Operations(mac=self.macs)

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """All trainable parameters, as one tensor."""
        return {"params": (self.params,)} if self.params else {}

    def buffers(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """All buffer values, as one tensor."""
        return {"kept": (self.kept,)} if self.kept else {}
