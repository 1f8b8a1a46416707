"""Indexes which operators produce and read each tensor, for matching patterns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from cnncalc.importers.onnx.constants import constant_of
from cnncalc.importers.onnx.known import known_shapes
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import Tensor

VIEWS = frozenset({"Reshape", "Unsqueeze", "Squeeze", "Transpose"})
MOST_VIEWS = 8  # one behind the other, between a constant and what reads it


class Wiring:
    """The operators of a model, indexed by the tensors that they produce and read."""

    def __init__(self, ops: Sequence[Op], constants: Mapping[str, Tensor], outputs: Iterable[str]) -> None:
        self.makers = {name: op for op in ops for name in op.makes if name}
        self.readers = Counter(name for op in ops for name in op.reads)
        self.readers.update(outputs)
        self.read_by: dict[str, set[str]] = {name: {"output"} for name in outputs}  # tensor → the kinds of its readers
        for op in ops:
            for name in op.reads:
                self.read_by.setdefault(name, set()).add(op.kind)
        self.fixed = {
            "",
            *constants,
        }  # independent of the data: constants, values computed from shapes
        for op in ops:
            if op.kind in ("Shape", "Size") or self.fixed.issuperset(op.reads):
                self.fixed.update(op.makes)
        self.constants = constants

    def maker(self, name: str, *kinds: str) -> Op | None:
        """Return the operator that produces a tensor, if it is of one of these kinds; None otherwise."""
        tensor = self.makers.get(name)
        return tensor if tensor is not None and tensor.kind in kinds else None

    def constant(self, name: str) -> Tensor | None:
        """Return an initializer or the value of a Constant, through Identity and views too; None otherwise."""
        views: list[Op] = []
        while len(views) < MOST_VIEWS and (view := self.maker(name, "Identity", *VIEWS)):
            views.append(view)
            name = view.reads[0]
        maker = self.maker(name, "Constant")
        tensor = constant_of(maker) if maker else self.constants.get(name)
        for view in reversed(views):
            tensor = tensor and self._view(view, tensor)
        return tensor

    def _view(self, op: Op, tensor: Tensor) -> Tensor | None:
        """Return what a view makes of a constant: its shape and whether it is learnt; its values only if untouched."""
        if op.kind == "Identity":
            return tensor
        inputs = (tensor, *(self.constant(name) if name else None for name in op.reads[1:]))
        shapes = known_shapes(replace(op, inputs=inputs))
        return Tensor(op.makes[0], shapes[0], learnt=tensor.learnt) if shapes and shapes[0] else None

    def scalar(self, name: str) -> Fraction | int | None:
        """Return the number that a constant of one element holds; None otherwise."""
        tensor = self.constant(name)
        if tensor is None or tensor.value is None or tensor.value.size != 1:
            return None
        number = tensor.value.flat[0]
        return number if isinstance(number, int | Fraction) else None

    def numbers(self, name: str) -> list[Any]:
        """Return the elements of a constant as a flat list; an empty one where they are not known."""
        tensor = self.constant(name)
        return [] if tensor is None or tensor.value is None else list(tensor.value.flat)

    def beside_scalar(self, op: Op | None, number: float | Fraction) -> str | None:
        """Return the input of a binary operator whose other input is this number (within 0.1 %); None otherwise."""
        if op is None or len(op.reads) != 2:
            return None
        for one, other in (op.reads, op.reads[::-1]):
            value = self.scalar(other)
            if value is not None and abs(value - Fraction(number)) * 1000 <= abs(Fraction(number)):
                return one
        return None

    def data(self, op: Op) -> str:
        """Return the input that is not a number."""
        return next((name for name in op.reads if self.scalar(name) is None), "")

    def number(self, op: Op) -> Fraction | int | None:
        """Return the value of the input that is a number."""
        return next((value for name in op.reads if (value := self.scalar(name)) is not None), None)

    def only_inside(self, inner: Sequence[Op], anchor: Op) -> bool:
        """Return whether only these operators and the anchor read the outputs of these operators."""
        inside = Counter(name for op in (*inner, anchor) for name in op.reads)
        return all(self.readers[name] == inside[name] for op in inner for name in op.makes if name)
