"""The arguments of an operation, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch.fx import Node as Operation

from cnncalc.importers.pytorch.call import Result


def bind(operation: Operation, values: Mapping[Operation, Result]) -> dict[str, Any]:
    """The arguments by their names in the schema, with operations replaced by their values."""
    schema = operation.target._schema.arguments  # type: ignore[union-attr]
    given = dict(zip((argument.name for argument in schema), operation.args, strict=False))
    bound = {argument.name: argument.default_value for argument in schema if argument.has_default_value()}
    return {name: _resolve(value, values) for name, value in {**bound, **given, **operation.kwargs}.items()}


def _resolve(argument: Any, values: Mapping[Operation, Result]) -> Any:  # noqa: ANN401
    if isinstance(argument, Operation):
        return values.get(argument)
    if isinstance(argument, Sequence) and not isinstance(argument, str):
        return [_resolve(entry, values) for entry in argument]
    return argument
