"""Integer closed forms of an input's size.

    atoms ─▶ polynomials ─▶ bounds ─▶ extrema ─▶ floors ─▶ evaluation ─▶ expr    (notation beside) ─▶ parse
                                              equality ◀─ periods ─▶ truth ─▶ classes ─▶ sieve ─▶ contradiction

Depends on nothing of ours, and creates nothing while sizes are plain integers.
"""

from cnncalc.symbolic.contradiction import smallest_contradiction
from cnncalc.symbolic.equality import equal, relation_eq
from cnncalc.symbolic.expr import (
    Expr,
    Relation,
    Size,
    ceil_div,
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
from cnncalc.symbolic.parse import NotationError, parse
from cnncalc.symbolic.residues import Residues
from cnncalc.symbolic.sieve import Condition, solve
from cnncalc.symbolic.undecidable import Undecidable

__all__ = [
    "Condition",
    "Expr",
    "NotationError",
    "Relation",
    "Residues",
    "Size",
    "Undecidable",
    "ceil_div",
    "compare",
    "equal",
    "evaluate_size",
    "lower_bound",
    "maximum",
    "minimum",
    "parse",
    "relation_eq",
    "render",
    "smallest_contradiction",
    "solve",
    "substitute_size",
    "symbol",
    "upper_bound",
]
