"""A network of PyTorch's as a list of our layers: captured by `torch.export`, read operation by operation."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.factory import found
from cnncalc.importers.pytorch.symbols import traced_at
from cnncalc.importers.simplify import tidied
from cnncalc.importers.traced import Traced
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.symbolic import Shape


def from_place(place: str, inputs: Given | None, arguments: Mapping[str, str]) -> Traced:
    """The network that a factory makes: on the meta device, where it can be made and run there, else with numbers.

    Raises:
        UsageError: it cannot be made or captured.
    """
    factory = found(place, arguments)
    shapes = shapes_of(inputs, f"torch:{place}")
    about = {"description": f"imported from PyTorch: {place}"}
    try:
        return tidied(traced_at(factory.network("meta"), shapes, factory.name, about))
    except UsageError:
        return tidied(traced_at(factory.network("cpu"), shapes, factory.name, about))


def from_module(module: nn.Module, inputs: Given, name: str | None) -> Traced:
    """The layers of a network in hand.

    Raises:
        UsageError: it cannot be captured.
    """
    shapes = shapes_of(inputs, type(module).__name__)
    return tidied(traced_at(module, shapes, name or type(module).__name__, {}))


def shapes_of(inputs: Given | None, what: str) -> dict[str, Shape]:
    """Every input's shape under its name.

    Raises:
        UsageError: none is given, or something is no size.
    """
    shapes = by_name(inputs, (), what, what)
    if not shapes:
        raise UsageError(f"{what} needs its input sizes: --input 3x224x224")
    return shapes
