"""Reads the inputs of a model: which axis of each is the batch, and the symbols of named dimensions.

An input of rank 0 has no batch. The states of a recurrent network have their batch second: [layers, N, hidden].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.model import Model
from cnncalc.importers.onnx.tensors import BATCH, Tensor
from cnncalc.quantities.shapes import is_symbol
from cnncalc.symbolic import Size, symbol

LETTERS = {1: "C", 2: "CL", 3: "CHW", 4: "CDHW"}  # number of axes after the batch → their letters
STATE_RANK = 3  # [layers, batch, hidden]


def graph_inputs(model: Model, constants: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the inputs of the network with the batch, and named dimensions as symbols.

    Raises:
        UsageError: an input has no shape, or a negative size.
    """
    dims: dict[str, Sequence[Any]] = {}
    for each in model.graph.input:
        if each.name not in constants:
            if not each.type.tensor_type.HasField("shape"):
                raise UsageError(f"the input '{each.name}' has no shape")
            dims[each.name] = list(each.type.tensor_type.shape.dim)
    lead = next((each[0] for each in dims.values() if len(each) > 1), None)
    free = lead is not None and lead.dim_value <= 0
    symbols = _Symbols()
    return {name: _input(name, each, _batch_axis(each, lead), free, symbols) for name, each in dims.items()}


def _input(name: str, dims: Sequence[Any], axis: int | None, free: bool, symbols: _Symbols) -> Tensor:
    letters = iter(LETTERS.get(len(dims) - (axis is not None), "S" * len(dims)))
    shape: list[Size] = []
    for index, dim in enumerate(dims):
        letter = "" if index == axis else next(letters)
        if dim.dim_value < 0 and index != axis:
            raise UsageError(f"an input has a negative size: {dim.dim_value}")
        if index == axis and (dim.dim_value <= 0 or (free and dim.dim_value == 1)):
            shape.append(BATCH)
        else:
            shape.append(dim.dim_value if dim.dim_value > 0 else symbols.of(dim.dim_param or None, letter))
    return Tensor(name, tuple(shape), node=name, batch_axis=axis)


def _batch_axis(dims: Sequence[Any], lead: Any) -> int | None:  # noqa: ANN401
    """Return the axis that is the batch, `lead` being the first axis of the first input of rank 2 or more."""
    if len(dims) < 2:
        return 0 if dims and (dims[0].dim_value <= 0 or (lead is not None and _same(dims[0], lead))) else None
    if len(dims) == STATE_RANK and not _same(dims[0], lead) and dims[0].dim_value > 0 and _is_batch(dims[1], lead):
        return 1
    states = len(dims) == STATE_RANK and lead.dim_value <= 0 and dims[0].dim_value == dims[1].dim_value == 1
    return 1 if states else 0


def _same(dim: Any, lead: Any) -> bool:  # noqa: ANN401
    return bool(dim.dim_value == lead.dim_value and dim.dim_param == lead.dim_param)


def _is_batch(dim: Any, lead: Any) -> bool:  # noqa: ANN401
    """Return whether a second axis is the batch: as the lead is, or 1 where that is free."""
    return _same(dim, lead) or (lead.dim_value <= 0 and dim.dim_value == 1)


def resized(tensor: Tensor, sizes: Sequence[Size]) -> Tensor:
    """Return an input with other sizes, given without the batch."""
    if tensor.batch_axis is None:
        return replace(tensor, shape=tuple(sizes))
    batch = (tensor.shape or (BATCH,))[tensor.batch_axis]
    return replace(tensor, shape=(*sizes[: tensor.batch_axis], batch, *sizes[tensor.batch_axis :]))


class _Symbols:
    """Assigns one symbol to each dimension name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Size] = {}
        self.used: set[str] = set()

    def of(self, name: str | None, letter: str) -> Size:
        """Return the symbol of a dimension name: itself where the language allows it, else the axis' letter."""
        if name is not None and name in self.by_name:
            return self.by_name[name]
        wanted = name if name and is_symbol(name) else letter
        free = next(each for each in _variants(wanted) if each not in self.used)
        self.used.add(free)
        made = symbol(free)
        if name is not None:
            self.by_name[name] = made
        return made


def _variants(letter: str) -> Iterable[str]:
    yield letter
    number = 1
    while True:
        yield f"{letter[0]}{number}"
        number += 1
