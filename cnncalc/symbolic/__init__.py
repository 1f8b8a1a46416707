"""Integer closed forms in the symbols of an input's size.

    atoms ─▶ polynomials ─▶ bounds ─▶ extrema ─▶ floors ─▶ evaluation ─▶ expr     (notation: expr as text)
                                             periods ─▶ truth ─▶ classes ─▶ sieve ─▶ equality, contradiction

Independent of the other packages but for records. No object is created while sizes are plain integers, and modules that
only closed forms need are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.symbolic.expr import (
    Expr,
    Relation,
    Shape,
    Size,
    compare,
    evaluate_size,
    lower_bound,
    maximum,
    minimum,
    render,
    substitute_size,
    symbol,
    upper_bound,
)
from cnncalc.symbolic.undecidable import Undecidable

if TYPE_CHECKING:
    from cnncalc.symbolic.contradiction import smallest_contradiction
    from cnncalc.symbolic.equality import equal
    from cnncalc.symbolic.residues import Residues
    from cnncalc.symbolic.sieve import Condition, solve

__all__ = [
    "Condition",
    "Expr",
    "Relation",
    "Residues",
    "Shape",
    "Size",
    "Undecidable",
    "compare",
    "equal",
    "evaluate_size",
    "lower_bound",
    "maximum",
    "minimum",
    "relation_eq",
    "render",
    "smallest_contradiction",
    "solve",
    "substitute_size",
    "symbol",
    "upper_bound",
]

_LOADED_LATER = {
    "Condition": "sieve",
    "Residues": "residues",
    "equal": "equality",
    "smallest_contradiction": "contradiction",
    "solve": "sieve",
}


def relation_eq(left: Size, right: Size) -> bool | Relation:
    """True if equality is proved, False if inequality for all values is proved, else the relation."""
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    from cnncalc.symbolic.equality import prove_equal

    return prove_equal(left, right)


def __getattr__(name: str) -> object:
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LOADED_LATER[name]}"), name)
