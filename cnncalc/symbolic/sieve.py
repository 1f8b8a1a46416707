"""Solves conditions on one symbol: the sizes that satisfy all of them.

Periodic conditions leave residue classes (`classes`); inequalities then bound the classes, and the few sizes between
are tried one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cnncalc.limits import WORK_LIMIT
from cnncalc.records import replace
from cnncalc.symbolic.classes import Classes, order_by_period, sift
from cnncalc.symbolic.evaluation import evaluate_columns
from cnncalc.symbolic.expr import OPERATORS, Relation, as_terms
from cnncalc.symbolic.polynomials import add
from cnncalc.symbolic.residues import Residues
from cnncalc.symbolic.truth import Truth, truths
from cnncalc.symbolic.undecidable import Undecidable

Condition = Relation | bool


def solve(conditions: Iterable[Condition], symbol: str | None = None, *, limit: int = WORK_LIMIT) -> Residues:
    """The integers ≥ 1 that satisfy every condition; all conditions must be on one symbol, whose name may be given.

    Raises Undecidable if they are on several symbols, or if more than `limit` classes or sizes would have to be
    tried.
    """
    conditions = list(dict.fromkeys(conditions))
    relations = [condition for condition in conditions if isinstance(condition, Relation)]
    name = _only_symbol(relations, symbol)
    if not all(condition for condition in conditions if isinstance(condition, bool)):
        return Residues(name, residues=())
    return _solve_truths([truth for relation in relations for truth in _relation_truths(relation, name)], name, limit)


def _only_symbol(relations: list[Relation], symbol: str | None) -> str:
    names = frozenset([symbol] if symbol else []).union(*(relation.symbols for relation in relations))
    if len(names) > 1:
        raise Undecidable(f"conditions that couple {', '.join(sorted(names))} are not solved")
    return next(iter(names), "n")


@lru_cache(maxsize=4096)
def _relation_truths(relation: Relation, name: str) -> list[Truth]:
    return truths(add(as_terms(relation.left), as_terms(relation.right), -1), relation.op, name)


def _solve_truths(parts: list[Truth], name: str, limit: int) -> Residues:
    everywhere = Classes(1, (0,))
    for part in order_by_period([part for part in parts if part.periodic], name):
        everywhere = sift(everywhere, part, name, limit)[0]
    classes, bounded = everywhere, [part for part in parts if not part.periodic]
    for index, part in enumerate(bounded):
        if part.after is None:
            classes, last = sift(classes, part, name, limit)
            bounded[index] = replace(part, last=max(part.last, last), after=True)
    return _assemble(classes, everywhere, bounded, name, limit)


def _assemble(classes: Classes, everywhere: Classes, bounded: list[Truth], name: str, limit: int) -> Residues:
    """Combines classes and tried sizes, interval by interval between the sizes where a truth changes its kind."""
    edges = sorted({1, *(edge for part in bounded for edge in (part.first, part.last))})
    pattern = Residues(name, everywhere.modulus, tuple(everywhere.residues))
    tried: list[int] = []
    runs: list[tuple[int, int | None]] = []
    for first, end in zip(edges, [*edges[1:], None], strict=True):
        stop = None if end is None else end - 1
        if any(_known_truth(part, first) is False for part in bounded):
            continue
        if stop is not None and any(_known_truth(part, first) is None for part in bounded):
            tried += _try_sizes(pattern, bounded, first, stop, limit)
        elif runs and runs[-1][1] == first - 1:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((first, stop))
    return _combine(classes, runs, tried, name)


def _known_truth(part: Truth, size: int) -> bool | None:
    """The truth at a size outside the window; None inside."""
    if size < part.first:
        return part.before
    return None if size < part.last else part.after


def _try_sizes(pattern: Residues, bounded: list[Truth], first: int, last: int, limit: int) -> list[int]:
    """The sizes from first to last that satisfy the conditions, each tried."""
    sizes = pattern.classes_between(first, last, limit)
    for part in bounded:
        values = evaluate_columns(part.form, {pattern.symbol: sizes}, len(sizes))
        holds = OPERATORS[part.op]
        sizes = [size for size, value in zip(sizes, values, strict=True) if holds(value, 0)]
    return sizes


def _combine(classes: Classes, runs: list[tuple[int, int | None]], tried: list[int], name: str) -> Residues:
    """The last run as classes, the others and the tried sizes as scattered members; equal sets have equal results."""
    if not runs or not classes.residues:
        return Residues(name, residues=(), scattered=tuple(tried))
    modulus, residues = _smallest_period(classes)
    pattern = Residues(name, modulus, residues)
    for first, stop in runs[:-1]:
        assert stop is not None  # only the last run is unbounded
        tried += pattern.classes_between(first, stop)
    first, stop = runs[-1]
    return _absorb_neighbours(replace(pattern, start=first, stop=stop), sorted(tried))


def _smallest_period(classes: Classes) -> tuple[int, tuple[int, ...]]:
    """The same classes with the smallest possible modulus."""
    modulus, residues = classes.modulus, tuple(sorted(classes.residues))
    for prime in _prime_factors(modulus):
        while modulus % prime == 0:
            folded = {residue % (modulus // prime) for residue in residues}
            if len(folded) * prime != len(residues):
                break
            modulus, residues = modulus // prime, tuple(sorted(folded))
    return modulus, residues


def _prime_factors(number: int) -> list[int]:
    """The prime factors up to a thousand, and the remaining cofactor: enough for moduli made of strides."""
    factors = []
    for candidate in range(2, 1000):
        if number % candidate == 0:
            factors.append(candidate)
        while number % candidate == 0:
            number //= candidate
    return [*factors, number] if number > 1 else factors


def _absorb_neighbours(run: Residues, scattered: list[int]) -> Residues:
    """The run from its first member to its last, extended by scattered members that continue it."""
    start = run.nearest(run.start)[1]
    if start is None:
        return Residues(run.symbol, residues=(), scattered=tuple(scattered))
    pattern = replace(run, start=1, stop=None)
    below = [size for size in scattered if size < start]
    above = [size for size in reversed(scattered) if size > start]
    stop = None if run.stop is None else run.nearest(run.stop)[0]
    while below and below[-1] == pattern.nearest(start - 1)[0]:
        start = below.pop()
    while stop is not None and above and above[-1] == pattern.nearest(stop + 1)[1]:
        stop = above.pop()
    return replace(run, start=start, stop=stop, scattered=(*below, *reversed(above)))
