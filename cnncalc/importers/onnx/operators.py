"""One operator of a model in its place: its attributes, and the tensors that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from cnncalc.importers.onnx.tensors import Tensor

T = TypeVar("T")


class UnsupportedError(Exception):
    """An operator that no layer expresses; it becomes an unknown node with this reason."""


@dataclass(frozen=True, slots=True)
class Op:
    """An operator. Patterns make some that ONNX does not have, under names in lower case."""

    kind: str  # Conv, MaxPool …
    name: str
    reads: tuple[str, ...]  # names of tensors; empty: left out
    makes: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""  # the module that it stands in, where the exporter says so
    inputs: tuple[Tensor | None, ...] = ()  # what `reads` brings; filled in when its turn comes

    def tensor(self, index: int) -> Tensor:
        """An input that has to be there."""
        found = self.optional(index)
        if found is None:
            raise UnsupportedError(f"its input {index} is left out")
        return found

    def optional(self, index: int) -> Tensor | None:
        """An input that may be left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def data(self, index: int = 0) -> Tensor:
        """An input that the network computes, of a known shape."""
        found = self.tensor(index)
        if found.constant or found.shape is None:
            raise UnsupportedError(f"its input {index} is a constant" if found.constant else "a shape is not known")
        return found

    def weight(self, index: int) -> Tensor:
        """An input that is a constant of known shape."""
        found = self.tensor(index)
        if not found.constant or found.shape is None:
            raise UnsupportedError("its weights are computed by the network")
        return found

    def values(self, index: int) -> list[Any] | None:
        """The numbers of an input, flat; None where it is left out.

        Raises:
            UnsupportedError: they are not known before the network runs.
        """
        found = self.optional(index)
        if found is None:
            return None
        if found.value is None:
            raise UnsupportedError("what it does depends on the data")
        return list(found.value.flat)

    def get(self, name: str, default: T) -> T:
        """An attribute; the default's type where it is there."""
        found: T = self.attributes.get(name, default)
        return found

    def whole(self, name: str, default: Sequence[int]) -> list[int]:
        """An attribute that is a list of whole numbers."""
        return list(self.attributes.get(name, default))


def attribute(proto: Any) -> Any:  # noqa: ANN401
    """The value of an attribute: numbers exact, bytes as text."""
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
    if proto.type == A.TENSOR:
        return proto.t
    if proto.type == A.GRAPH:
        return proto.g
    return None


def decimal(number: float) -> Fraction | float:
    """A single-precision number as the shortest decimal that says it; infinities stay."""
    import numpy as np

    single = np.float32(number)
    return Fraction(str(single)) if np.isfinite(single) else float(single)


def each(values: Sequence[T]) -> T | list[T]:
    """One value where all agree, as a spec writes it."""
    return values[0] if values and all(value == values[0] for value in values) else list(values)
