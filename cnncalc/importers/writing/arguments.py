"""Writes the arguments of a traced layer as a person would: without defaults, one number if all axes agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from cnncalc.errors import LayerError, UsageError
from cnncalc.importers.writing.by_input import spell_by_input
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Field, Reference
from cnncalc.layers.layer import MISSING, Layer, Shape
from cnncalc.symbolic import Expr
from cnncalc.writer import Data

Arguments: TypeAlias = "dict[str, Data]"


def written_arguments(name: str, kind: str, arguments: Mapping[str, object], entering: Shape) -> Arguments:
    """The arguments to write for a layer with the input shape `entering`; references to tensors are left out.

    Raises:
        UsageError: the layer does not take an argument, or a symbolic size is not an expression of the input.
    """
    layer, rank = LAYERS[kind], len(entering) - 1 if entering else None
    arguments = {field: _plain(value) for field, value in arguments.items()}
    try:
        layer.make(arguments, rank)
        values = {
            field: _simplify(accepts, arguments[field], rank)
            for field, accepts in layer.accepted().items()
            if field in arguments and not _is_default(layer, field, arguments, rank)
        }
    except LayerError as error:
        msg = f"{name}: the importer gave a {kind} an invalid value: {error.message}"
        raise UsageError(msg) from None
    return {field: _spell(name, value, entering) for field, value in values.items()}


def _is_default(layer: type[Layer], field: str, arguments: Mapping[str, object], rank: int | None) -> bool:
    accepts, default, value = layer.accepted()[field], layer.arguments[field].default, arguments[field]
    if isinstance(accepts, Reference) or default is MISSING:
        return isinstance(accepts, Reference)
    if default is None:  # optional; the stride of a pooling then equals its kernel
        kernel = layer.accepted().get("kernel_size") if field == "stride" else None
        return value is None or (
            kernel is not None and accepts.convert(value, rank) == kernel.convert(arguments["kernel_size"], rank)
        )
    return bool(accepts.convert(value, rank) == accepts.convert(default, rank))


def _plain(value: object) -> object:
    """The value with lists in place of tuples, as in a spec."""
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _simplify(accepts: Field, value: object, rank: int | None) -> object:
    """A single value in place of a list of equal ones, where the field reads both the same."""
    while isinstance(value, list) and value and all(entry == value[0] for entry in value):
        try:
            if accepts.convert(value[0], rank) != accepts.convert(value, rank):
                break
        except LayerError:
            break
        value = value[0]
    if isinstance(value, list) and all(isinstance(pair, list) and len(set(pair)) == 1 for pair in value):
        return [pair[0] for pair in value]  # symmetric padding
    return value


def _spell(name: str, value: object, entering: Shape) -> Data:
    if isinstance(value, list):
        return [_spell(name, entry, entering) for entry in value]
    if isinstance(value, Expr):
        return spell_by_input(name, value, entering)
    return value  # type: ignore[return-value]  # what `make` took
