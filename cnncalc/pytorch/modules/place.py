"""What a builder is told: the layer, the shapes that enter and leave it, and where its tensors live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from torch import nn

Sizes: TypeAlias = "tuple[int, ...]"


@dataclass(frozen=True, slots=True)
class Place:
    """A layer in its place; `factory` holds the `device` and `dtype` that PyTorch's constructors take."""

    layer: Any  # a `Layer`; builders read the fields of its kind
    inputs: tuple[Sizes, ...]
    output: Sizes
    factory: dict[str, Any]

    @property
    def shape(self) -> Sizes:
        """The shape of its first input, without the batch."""
        return self.inputs[0]

    @property
    def channels(self) -> int:
        """The channels of its first input."""
        return self.inputs[0][0]

    @property
    def rank(self) -> int:
        """The spatial axes of its first input."""
        return len(self.inputs[0]) - 1

    def fields(self, *without: str) -> dict[str, Any]:
        """The layer's fields as PyTorch takes them; those not given, and those named, are left out."""
        values = ((name, getattr(self.layer, name)) for name in self.layer.arguments if name not in without)
        return {name: plain(value) for name, value in values if value is not None}


Builder: TypeAlias = "Callable[[Place], nn.Module]"


def plain(value: Any) -> Any:  # noqa: ANN401
    """A float for a fraction, in lists too."""
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return float(value) if isinstance(value, Fraction) else value
