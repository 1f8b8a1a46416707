"""A network of PyTorch's as a list of our layers: captured by `torch.export`, read operation by operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from cnncalc.errors import UsageError
from cnncalc.importers.pytorch.factory import found
from cnncalc.importers.pytorch.importing import traced
from cnncalc.importers.pytorch.values import Sizes
from cnncalc.importers.traced import Traced
from cnncalc.symbolic import Size

Given = Sequence[Size | str] | Mapping[str, Sequence[Size | str]]


def from_place(place: str, inputs: Given | None, arguments: Mapping[str, str]) -> Traced:
    """The network that a factory makes: on the meta device, where it can be made and run there, else with numbers.

    Raises:
        UsageError: it cannot be made or captured.
    """
    factory = found(place, arguments)
    shapes = shapes_of(inputs, f"torch:{place}")
    about = {"description": f"imported from PyTorch: {place}"}
    try:
        return traced(factory.network("meta"), shapes, factory.name, about)
    except UsageError:
        return traced(factory.network("cpu"), shapes, factory.name, about)


def from_module(module: nn.Module, inputs: Given, name: str | None) -> Traced:
    """The layers of a network in hand.

    Raises:
        UsageError: it cannot be captured.
    """
    return traced(module, shapes_of(inputs, type(module).__name__), name or type(module).__name__)


def shapes_of(inputs: Given | None, what: str) -> dict[str, Sizes]:
    """Every input's shape under its name.

    Raises:
        UsageError: none is given, or a size is no number.
    """
    if not inputs:
        raise UsageError(f"{what} needs the sizes of its input: --input 3x224x224")
    named = inputs if isinstance(inputs, Mapping) else {"input": inputs}
    return {name: tuple(_number(size, what) for size in sizes) for name, sizes in named.items()}


def _number(size: Size | str, what: str) -> int:
    if isinstance(size, int) or (isinstance(size, str) and size.isdigit()):
        return int(size)
    raise UsageError(f"{what} is imported at numbers: --input 3x224x224, and not {size}")
