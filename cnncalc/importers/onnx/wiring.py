"""Who makes a tensor and who reads it, while patterns are sought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from cnncalc.importers.onnx.constants import constant_of
from cnncalc.importers.onnx.operators import Op
from cnncalc.importers.onnx.tensors import Tensor


class Wiring:
    """The operators of a model by what they make and read."""

    def __init__(self, ops: Sequence[Op], constants: Mapping[str, Tensor], outputs: Iterable[str]) -> None:
        self.makers = {name: op for op in ops for name in op.makes if name}
        self.readers = Counter(name for op in ops for name in op.reads)
        self.readers.update(outputs)
        self.read_by: dict[str, set[str]] = {name: {"output"} for name in outputs}  # the kinds of its readers
        for op in ops:
            for name in op.reads:
                self.read_by.setdefault(name, set()).add(op.kind)
        self.told = {"", *constants}  # what no data flows into: constants, and numbers computed from sizes
        for op in ops:
            if op.kind in ("Shape", "Size") or self.told.issuperset(op.reads):
                self.told.update(op.makes)
        self.constants = constants

    def maker(self, name: str, *kinds: str) -> Op | None:
        """The operator of one of these kinds that makes a tensor; None where it is another."""
        found = self.makers.get(name)
        return found if found is not None and found.kind in kinds else None

    def constant(self, name: str) -> Tensor | None:
        """A tensor that no data flows into: an initializer, perhaps handed on, or what a Constant says."""
        while handed := self.maker(name, "Identity"):
            name = handed.reads[0]
        found = self.constants.get(name)
        if found is None and (maker := self.maker(name, "Constant")):
            return constant_of(maker)
        return found

    def scalar(self, name: str) -> Fraction | int | None:
        """The one number of a constant."""
        found = self.constant(name)
        if found is None or found.value is None or found.value.size != 1:
            return None
        number = found.value.flat[0]
        return number if isinstance(number, int | Fraction) else None

    def beside_scalar(self, op: Op | None, number: float | Fraction) -> str | None:
        """The tensor that an operator of two inputs reads beside (about) this number."""
        if op is None or len(op.reads) != 2:
            return None
        for one, other in (op.reads, op.reads[::-1]):
            value = self.scalar(other)
            if value is not None and abs(value - Fraction(number)) * 1000 <= abs(Fraction(number)):
                return one
        return None

    def data(self, op: Op) -> str:
        """Of two inputs the one that is no number."""
        return next((name for name in op.reads if self.scalar(name) is None), "")

    def number(self, op: Op) -> Fraction | int | None:
        """Of two inputs the one that is a number."""
        return next((value for name in op.reads if (value := self.scalar(name)) is not None), None)

    def only_inside(self, inner: Sequence[Op], anchor: Op) -> bool:
        """Whether nothing but these operators and the anchor reads what they make."""
        inside = Counter(name for op in (*inner, anchor) for name in op.reads)
        return all(self.readers[name] == inside[name] for op in inner for name in op.makes if name)
