"""Arrays of exact numbers and closed forms, with which shape arithmetic is evaluated: few, and none longer than ONNX's.

They are numpy object arrays of Python integers, fractions, or closed forms of the symbolic dimensions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from cnncalc.importers.onnx.operators import UnsupportedError
from cnncalc.importers.onnx.tensors import MOST_NUMBERS
from cnncalc.symbolic import Expr

Array = Any  # numpy's, of objects
BITS = 64  # of an integer
MOST_BITS = 512  # of the parts of a fraction that stands for a float
MOST_TERMS = 64  # of a closed form


def require_few(count: int) -> None:
    """Reject an array with more numbers than describe a shape; raises UnsupportedError."""
    if count > MOST_NUMBERS:
        raise UnsupportedError("it produces many numbers")


def require_short(value: Any) -> None:  # noqa: ANN401
    """Reject, by UnsupportedError, what no size, index or factor is, before arithmetic on it makes it longer still."""
    if isinstance(value, Share):
        value = value.form
    if isinstance(value, Expr):
        too_long = len(value.terms) > MOST_TERMS
    elif isinstance(value, Fraction):
        too_long = max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS
    else:
        too_long = isinstance(value, int) and value.bit_length() > BITS
    if too_long:
        raise UnsupportedError("its numbers are longer than ONNX's are")


def array_of(values: Any) -> Array:  # noqa: ANN401
    """Return an object array of a sequence or of one value; a closed form is one object."""
    if isinstance(values, tuple | list):
        out = np.empty(len(values), dtype=object)
        for index, value in enumerate(values):
            out[index] = value
        return out
    out = np.empty((), dtype=object)
    out[()] = values
    return out


def map_over(function: Callable[..., Any], *arrays: Array) -> Array:
    """Apply a function element by element to broadcast arrays."""
    broadcast = np.broadcast_arrays(*arrays)
    require_few(broadcast[0].size)
    out = np.empty(broadcast[0].shape, dtype=object)
    for index, entries in enumerate(zip(*(array.flat for array in broadcast), strict=True)):
        out.flat[index] = function(*entries)
    return out


def divide(a: Any, b: Any) -> Any:  # noqa: ANN401
    """Divide: integers towards zero, fractions exactly; closed forms are positive, so floor division is the same."""
    if isinstance(a, Expr) or isinstance(b, Expr):
        return multiply(a, 1 / b) if isinstance(b, Fraction) else a // b
    if isinstance(a, Fraction) or isinstance(b, Fraction):
        return Fraction(a) / b
    return int(Fraction(a, b))


def multiply(a: Any, b: Any) -> Any:  # noqa: ANN401
    """Multiply; a closed form times a fraction is a `Share`, until it is rounded."""
    if isinstance(a, Expr) or isinstance(b, Expr):
        form, factor = (a, b) if isinstance(a, Expr) else (b, a)
        if isinstance(factor, Fraction):
            if factor.denominator != 1:
                return Share(form * factor.numerator, factor.denominator)
            factor = factor.numerator
        return form * factor
    return a * b


class Share:
    """A closed form over an integer divisor, before it is rounded."""

    def __init__(self, form: Any, divisor: int) -> None:  # noqa: ANN401
        self.form, self.divisor = form, divisor

    def __floor__(self) -> Any:  # noqa: ANN401
        return self.form // self.divisor

    def __ceil__(self) -> Any:  # noqa: ANN401
        return -(-self.form // self.divisor)
