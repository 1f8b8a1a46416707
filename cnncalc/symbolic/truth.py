"""Where one condition on one symbol holds: before a size, after a size, and by class or one by one in between.

A condition is `form op 0`. Its truth is found in one of four ways, cheapest first:

- bounds decide it for all n ≥ 1;
- the form only grows (or only falls): one size, found by bisection, divides false from true;
- it is slope·n plus a bounded remainder: its sign is known outside a window, within which sizes are tried one by one;
- else it is a quasi-polynomial: from some size on its truth depends on the residue class of n alone.
"""

from __future__ import annotations

from functools import lru_cache

from cnncalc.records import Record, replace
from cnncalc.symbolic.atoms import Atom, Extremum, Floor, Terms
from cnncalc.symbolic.bounds import interval, lower, relax, shift, upper
from cnncalc.symbolic.evaluation import evaluate, replace_atom
from cnncalc.symbolic.expr import OPERATORS, Operator, decide_interval
from cnncalc.symbolic.extrema import innermost_extremum
from cnncalc.symbolic.periods import degree
from cnncalc.symbolic.polynomials import add, scale
from cnncalc.symbolic.undecidable import Undecidable

_LARGEST_TRIED = 1 << 512
_MIRRORED: dict[Operator, Operator] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Truth(Record):
    """`form op 0` is `before` for n < first, is tried for first ≤ n < last, and is `after` for n ≥ last.

    If `after` is None, the residue class of n decides, by the sign of `tail`, a quasi-polynomial of this `degree`
    in n: from `last` on if the degree is 0, else from a size that the sieve determines.
    """

    form: Terms
    op: Operator
    first: int
    last: int
    before: bool
    after: bool | None
    tail: Terms
    degree: int = 0

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def periodic(self) -> bool:
        """Whether the residue class alone decides for every n ≥ 1."""
        return self.after is None and self.degree == 0 and self.last == 1


def truths(form: Terms, op: Operator, name: str) -> list[Truth]:
    """The truth of `form op 0` for n ≥ 1, as one condition, or as two that must both hold (an equality as ≥ and ≤)."""
    settled, from_size = _replace_extrema(form, name)
    parts = _truths(settled, op, name)
    if from_size == 1:
        return parts
    return [replace(truth, form=form, first=1, last=max(truth.last, from_size)) for truth in parts]


def _truths(form: Terms, op: Operator, name: str) -> list[Truth]:
    known = decide_interval(op, lower(form), upper(form))
    if known is not None:
        return [Truth(form, op, 1, 1, known, known, form)]
    if _grows_past_zero(form, name):
        return _monotone(form, op, name)
    negative = scale(form, -1)
    if _grows_past_zero(negative, name):
        mirrored = _monotone(negative, _MIRRORED[op], name)
        return [replace(truth, form=form, op=_MIRRORED[truth.op], tail=form) for truth in mirrored]
    return [_affine(form, op, name) or Truth(form, op, 1, 1, False, None, form, degree(form, name))]


def _grows_past_zero(form: Terms, name: str) -> bool:
    return _grows(form) and evaluate(form, {name: _LARGEST_TRIED}) > 0


def _grows(terms: Terms) -> bool:
    """Whether the form evidently never falls as its symbols grow: positive terms over atoms less their lower bounds."""
    shifted = shift(terms)
    return shifted is not None and all(
        factor > 0 and all(_atom_grows(atom) for atom in monomial) for monomial, factor in shifted.items() if monomial
    )


@lru_cache(maxsize=4096)
def _atom_grows(atom: Atom) -> bool:
    if interval(atom)[0] is None:
        return False
    if isinstance(atom, Floor):
        return _grows(atom.argument)
    return not isinstance(atom, Extremum) or all(map(_grows, atom.arguments))


def _monotone(form: Terms, op: Operator, name: str) -> list[Truth]:
    """The truth for a form that never falls and ends above 0, from the sizes where it reaches and exceeds 0."""
    if op == "==":
        return _monotone(form, ">=", name) + _monotone(form, "<=", name)
    reaches = _first_at_least(form, 0, name)
    passes = _first_at_least(form, 1, name)
    first = passes if op in (">", "<=") else reaches
    last = reaches if op in (">=", "<") else passes
    before, after = OPERATORS[op](-1, 0), OPERATORS[op](1, 0)
    return [Truth(form, op, first if op != "!=" else reaches, last, before, after, form)]


def _first_at_least(form: Terms, level: int, name: str) -> int:
    """The smallest n ≥ 1 at which a non-decreasing form is at least `level`."""
    high = 1
    while evaluate(form, {name: high}) < level:
        high *= 2
    low = high // 2  # where it is still below the level, or 0
    while high - low > 1:
        middle = (low + high) // 2
        if evaluate(form, {name: middle}) < level:
            low = middle
        else:
            high = middle
    return high


def _affine(form: Terms, op: Operator, name: str) -> Truth | None:
    """The truth for slope·n plus a bounded remainder: a window around the root; by residue class for slope 0."""
    relaxed = relax(form)
    rest = {monomial: factor for monomial, factor in relaxed.terms.items() if monomial}
    if any(len(monomial) > 1 for monomial in rest):
        return None
    slope = sum(rest.values())
    if slope == 0:
        return Truth(form, op, 1, 1, False, None, form)
    offset = relaxed.terms.get((), 0)
    low, high = offset + relaxed.low, offset + relaxed.high
    sign = 1 if slope > 0 else -1
    least, most = sorted((sign * low, sign * high))
    steep = abs(slope)
    first = max(1, -(most // steep))  # the first n where steep·n + most ≥ 0
    last = max(1, -least // steep + 1)  # the first n where steep·n + least > 0
    return Truth(form, op, first, last, OPERATORS[op](-sign, 0), OPERATORS[op](sign, 0), form)


def _replace_extrema(form: Terms, name: str) -> tuple[Terms, int]:
    """The form with each extremum replaced by the argument that is extreme from some size on, and that size."""
    from_size = 1
    while (extremum := innermost_extremum(form)) is not None:
        argument, settles = _eventual_argument(extremum, name)
        form = replace_atom(form, extremum, argument)
        from_size = max(from_size, settles)
    return form, from_size


def _eventual_argument(extremum: Extremum, name: str) -> tuple[Terms, int]:
    """The argument that is the extremum from some size on, and that size."""
    op: Operator = "<=" if extremum.kind == "min" else ">="
    winner, from_size = extremum.arguments[0], 1
    for argument in extremum.arguments[1:]:
        (truth,) = _truths(add(winner, argument, -1), op, name)
        if truth.after is None:
            raise Undecidable(f"which argument is the {extremum.kind} depends on {name} for ever")
        winner = winner if truth.after else argument
        from_size = max(from_size, truth.last)
    return winner, from_size
