"""Residue classes of one symbol, filtered by periodic conditions.

Conditions are applied one after another, the one that extends the period least first. Each lifts the surviving classes
to the lcm of the periods and drops those where it fails: ten strides whose product exceeds a million cost ten small
steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import lcm

from cnncalc.records import NamedTuple
from cnncalc.symbolic.evaluation import evaluate, evaluate_columns
from cnncalc.symbolic.expr import OPERATORS
from cnncalc.symbolic.periods import period
from cnncalc.symbolic.truth import Truth
from cnncalc.symbolic.undecidable import Undecidable


class Classes(NamedTuple):
    """The integers whose remainder modulo `modulus` is in `residues`, which is sorted."""

    modulus: int
    residues: Sequence[int]


def order_by_period(parts: list[Truth], name: str) -> Iterable[Truth]:
    """The conditions in an order in which the modulus grows as slowly as possible."""
    modulus = 1
    rest = {part: period(part.tail, name) for part in parts}
    while rest:
        easiest = min(rest, key=lambda part: lcm(modulus, rest[part]))
        modulus = lcm(modulus, rest.pop(easiest))
        yield easiest


def sift(classes: Classes, part: Truth, name: str, limit: int) -> tuple[Classes, int]:
    """The classes in which the condition eventually holds, and the size from which its truth is constant."""
    modulus = lcm(classes.modulus, period(part.tail, name))
    lifted = modulus // classes.modulus * len(classes.residues)
    if lifted * (part.degree + 1) > limit:
        raise Undecidable(f"conditions that repeat after {modulus} values of {name} leave {lifted} classes to try")
    candidates = [base + residue for base in range(0, modulus, classes.modulus) for residue in classes.residues]
    if part.degree == 0:
        values = evaluate_columns(part.tail, {name: candidates}, len(candidates))
        holds = OPERATORS[part.op]
        return Classes(modulus, [n for n, value in zip(candidates, values, strict=True) if holds(value, 0)]), 1
    settled = [_eventual_truth(part, name, residue, modulus) for residue in candidates]
    kept = [residue for residue, (holds, _) in zip(candidates, settled, strict=True) if holds]
    return Classes(modulus, kept), max((size for _, size in settled), default=1)


def _eventual_truth(part: Truth, name: str, residue: int, modulus: int) -> tuple[bool, int]:
    """Whether the condition eventually holds in a residue class, and the size from which its truth is constant.

    In the class the form is a polynomial in t. Once its value and all its differences have one sign, it keeps that
    sign.
    """
    start = 0
    while True:
        values = [evaluate(part.tail, {name: residue + modulus * (start + step)}) for step in range(part.degree + 1)]
        differences = _differences(values)
        if not any(differences):
            return OPERATORS[part.op](0, 0), 1
        for sign in (1, -1):
            if sign * differences[0] > 0 and all(sign * difference >= 0 for difference in differences):
                return OPERATORS[part.op](sign, 0), residue + modulus * start if start else 1
        start = 2 * start or 1


def _differences(values: list[int]) -> list[int]:
    """The first value, then the first difference, the second, and so on."""
    leading = []
    while values:
        leading.append(values[0])
        values = [after - before for before, after in pairwise(values)]
    return leading
