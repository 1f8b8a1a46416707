"""Figures as the JSON document `cnncalc/1` writes them: numbers, and texts where a number cannot say it exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.fit import Fit
from cnncalc.analysis.parameters import Parameters
from cnncalc.layers.layer import Shape
from cnncalc.symbolic import Size

if TYPE_CHECKING:
    from cnncalc.analysis.field.receptive_field import Fields, ReceptiveField


def fit_record(fit: Fit | None) -> dict[str, Any] | None:
    """A fit as JSON writes it; nothing for a layer that does not slide."""
    if fit is None:
        return None
    return {"fits": fit.fits, "leftover": [size_record(rest) for rest in fit.leftover], "unread": fit.unread}


def fields_record(fields: Fields) -> dict[str, Any]:
    """Receptive fields as JSON writes them, by the tensor that is seen."""
    return {name: field_record(found) for name, found in fields.items()}


def field_record(found: ReceptiveField) -> dict[str, Any]:
    """One receptive field as JSON writes it."""
    return {
        "size": list(map(_exact, found.size)),
        "stride": list(map(_exact, found.stride)),
        "padding": list(map(_exact, found.padding)),
        "center": list(map(_exact, found.centre)),
        "whole": found.whole,
        "aligned": found.aligned,
    }


def _exact(value: Size | Fraction | None) -> float | str | None:
    """Exact: a whole number, a float where that says it all, else a text (`5/3`)."""
    if not isinstance(value, Fraction):
        return value if value is None else size_record(value)
    if value.denominator == 1:
        return value.numerator
    return float(value) if Fraction(float(value)) == value else str(value)


def figures_record(parameters: Parameters | None) -> dict[str, Any]:
    """Parameters as JSON writes them; None where they are not known."""
    if parameters is None:  # not known
        return {"params": None, "trainable": None, "buffers": None}
    params, _, trainable, buffers = map(size_record, parameters[:4])
    return {"params": params, "trainable": trainable, "buffers": buffers}


def shape_record(shape: Shape) -> list[int | str]:
    """A shape as JSON writes it."""
    return [size_record(size) for size in shape]


def size_record(size: Size) -> int | str:
    """A number, or the closed form that depends on a symbol, as a text."""
    return size if isinstance(size, int) else str(size)
