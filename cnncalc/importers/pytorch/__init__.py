"""Reads a PyTorch network as a flat list of layers: `torch.export` captures it, and a rule translates each operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnncalc.errors import UsageError
from cnncalc.importers.simplify import tidy
from cnncalc.importers.traced import Traced
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.symbolic import Shape

if TYPE_CHECKING:
    from torch import nn


def from_place(place: str, inputs: Given | None, arguments: Mapping[str, str]) -> Traced:
    """The network that a factory returns, captured on the meta device, or on the CPU where that fails.

    Raises:
        UsageError: it cannot be built or captured.
    """
    from cnncalc.importers.pytorch.factory import find_factory
    from cnncalc.importers.pytorch.symbols import trace_at

    factory = find_factory(place, arguments)
    shapes = shapes_of(inputs, f"torch:{place}")
    about = {"description": f"imported from PyTorch: {place}"}
    try:
        return tidy(trace_at(factory.network("meta"), shapes, factory.name, about))
    except UsageError:
        return tidy(trace_at(factory.network("cpu"), shapes, factory.name, about))


def from_module(module: nn.Module, inputs: Given, name: str | None) -> Traced:
    """The layers of an existing module.

    Raises:
        UsageError: it cannot be captured.
    """
    from cnncalc.importers.pytorch.symbols import trace_at

    shapes = shapes_of(inputs, type(module).__name__)
    return tidy(trace_at(module, shapes, name or type(module).__name__, {}))


def shapes_of(inputs: Given | None, what: str) -> dict[str, Shape]:
    """The shape of every input, by name, without the batch.

    Raises:
        UsageError: no shape is given, or one of them is not a valid shape.
    """
    shapes = by_name(inputs, (), what, what)
    if not shapes:
        raise UsageError(f"{what} needs its input sizes: --input 3x224x224")
    return shapes
