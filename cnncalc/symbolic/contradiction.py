"""Which conditions contradict each other when nothing satisfies them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from cnncalc.symbolic.sieve import Condition, solve
from cnncalc.symbolic.undecidable import Undecidable


def smallest_contradiction(conditions: Sequence[Condition]) -> list[int] | None:
    """Which conditions, by index, cannot hold together and are none too many; None where all hold for some size.

    One that never holds comes first, then a pair, then what is left when each condition is dropped that can be.
    """
    if solve(conditions):
        return None
    indices = range(len(conditions))
    for size in (1, 2):
        for chosen in combinations(indices, size):
            if _contradict(conditions, chosen):
                return list(chosen)
    kept = list(indices)
    for index in indices:
        fewer = [other for other in kept if other != index]
        if _contradict(conditions, fewer):
            kept = fewer
    return kept


def _contradict(conditions: Sequence[Condition], chosen: Iterable[int]) -> bool:
    """Whether these provably cannot hold together; fewer conditions may be harder to sieve, and then it is not said."""
    try:
        return not solve([conditions[index] for index in chosen])
    except Undecidable:
        return False
