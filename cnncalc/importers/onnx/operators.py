"""Represents one operator of a model: its attributes and the tensors that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from cnncalc.importers.onnx.tensors import Tensor
from cnncalc.symbolic import Undecidable

T = TypeVar("T")


class UnsupportedError(Exception):
    """An operator that no layer expresses; it becomes an `unknown` node with this reason."""


MALFORMED = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError),
    Undecidable,
)
"""What a rule raises for an operator of the wrong form: without outputs, with text in place of a number."""


@dataclass(frozen=True, slots=True)
class Op:
    """An operator. Patterns create some that ONNX does not have; their kinds are in lower case."""

    kind: str  # Conv, MaxPool …
    name: str
    reads: tuple[str, ...]  # names of tensors; an empty name is an omitted input
    makes: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""  # dotted path of its module, where the exporter recorded it
    inputs: tuple[Tensor | None, ...] = ()  # the tensors named in `reads`; filled in when the operator is traced

    def tensor(self, index: int) -> Tensor:
        """Return a required input; raises UnsupportedError when it is omitted."""
        tensor = self.optional(index)
        if tensor is None:
            raise UnsupportedError(f"its input {index} is left out")
        return tensor

    def optional(self, index: int) -> Tensor | None:
        """Return an input, or None when it is omitted."""
        return self.inputs[index] if index < len(self.inputs) else None

    def data(self, index: int = 0) -> Tensor:
        """Return an input that the network computes and whose shape is known; raises UnsupportedError otherwise."""
        tensor = self.tensor(index)
        if tensor.constant or tensor.shape is None:
            raise UnsupportedError(f"its input {index} is a constant" if tensor.constant else "a shape is not known")
        return tensor

    def weight(self, index: int) -> Tensor:
        """Return an input that is a constant of known shape; raises UnsupportedError otherwise."""
        tensor = self.tensor(index)
        if not tensor.constant or tensor.shape is None:
            raise UnsupportedError("its weights are computed by the network")
        return tensor

    def values(self, index: int) -> list[Any] | None:
        """Return the elements of an input as a flat list; None when it is omitted.

        Raises:
            UnsupportedError: they are not known before the network runs.
        """
        tensor = self.optional(index)
        if tensor is None:
            return None
        if tensor.value is None:
            raise UnsupportedError("what it does depends on the data")
        return list(tensor.value.flat)

    def get(self, name: str, default: T) -> T:
        """Return an attribute, which has the default's type."""
        tensor: T = self.attributes.get(name, default)
        return tensor

    def whole(self, name: str, default: Sequence[int]) -> list[int]:
        """Return an attribute that is a list of integers."""
        return list(self.attributes.get(name, default))


def attribute(proto: Any) -> Any:  # noqa: ANN401
    """Return the value of an attribute: floats as exact fractions, bytes as text."""
    from onnx import AttributeProto as A

    if proto.type == A.INT:
        return proto.i
    if proto.type == A.FLOAT:
        return decimal(proto.f)
    if proto.type == A.STRING:
        return proto.s.decode("utf-8", "replace")
    if proto.type == A.INTS:
        return list(proto.ints)
    if proto.type == A.FLOATS:
        return [decimal(each) for each in proto.floats]
    if proto.type == A.STRINGS:
        return [text.decode("utf-8", "replace") for text in proto.strings]
    if proto.type == A.TENSOR:
        return proto.t
    if proto.type == A.GRAPH:
        return proto.g
    return None


def decimal(number: float) -> Fraction | float:
    """Return a float32 as the fraction of its shortest decimal; infinities stay floats."""
    import numpy as np

    single = np.float32(number)
    return Fraction(str(single)) if np.isfinite(single) else float(single)


def each(values: Sequence[T]) -> T | list[T]:
    """Return one value when all are equal, else the list: the short form that a spec has."""
    return values[0] if values and all(value == values[0] for value in values) else list(values)
