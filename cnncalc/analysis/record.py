"""Converts figures for the JSON document `cnncalc/1`: numbers, or texts if a number would not be exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.cost import Cost
from cnncalc.analysis.fit import Fit
from cnncalc.analysis.parameters import Parameters
from cnncalc.graph import Condition
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import Size

if TYPE_CHECKING:
    from cnncalc.analysis.field.receptive_field import Fields, ReceptiveField


def fit_record(fit: Fit | None) -> dict[str, Any] | None:
    """Convert a fit; None for a layer that does not slide."""
    if fit is None:
        return None
    return {"fits": fit.fits, "leftover": [size_record(rest) for rest in fit.leftover], "unread": fit.unread}


def fields_record(fields: Fields) -> dict[str, Any]:
    """Convert receptive fields: tensor seen → record."""
    return {name: field_record(field) for name, field in fields.items()}


def field_record(field: ReceptiveField) -> dict[str, Any]:
    """Convert one receptive field."""
    return {
        "size": list(map(_exact, field.size)),
        "stride": list(map(_exact, field.stride)),
        "padding": list(map(_exact, field.padding)),
        "center": list(map(_exact, field.centre)),
        "whole": field.whole,
        "aligned": field.aligned,
    }


def _exact(value: Size | Fraction | None) -> float | str | None:
    """Convert a value exactly: an integer, a float if that is exact, else a text (`5/3`)."""
    if not isinstance(value, Fraction):
        return value if value is None else size_record(value)
    if value.denominator == 1:
        return value.numerator
    return float(value) if Fraction(float(value)) == value else str(value)


def figures_record(parameters: Parameters | None) -> dict[str, Any]:
    """Convert parameter counts; all are None if unknown."""
    if parameters is None:  # not known
        return {"params": None, "trainable": None, "buffers": None}
    params, _, trainable, buffers = map(size_record, parameters[:4])
    return {"params": params, "trainable": trainable, "buffers": buffers}


def shape_record(shape: Shape) -> list[int | str]:
    """Convert a shape."""
    return [size_record(size) for size in shape]


def size_record(size: Size) -> int | str:
    """Convert a size: a number, or the text of a closed form."""
    return size if isinstance(size, int) else str(size)


def cost_record(cost: Cost) -> dict[str, Any]:
    """The operations of a network, as JSON shows them."""
    return {"macs": size_record(cost.macs), "flops": size_record(cost.flops), "convention": None}


def optional_size(count: Size | None) -> int | str | None:
    """A count as JSON shows it; None if it is unknown."""
    return None if count is None else size_record(count)


def condition_record(condition: Condition) -> dict[str, str]:
    """A condition of the network, and the layer that requires it."""
    return {"layer": condition.node, "condition": str(condition.relation), "why": condition.why}
