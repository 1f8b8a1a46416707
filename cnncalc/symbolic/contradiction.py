"""Finds a small set of conditions that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.symbolic.sieve import Condition, solve
from cnncalc.symbolic.undecidable import LIGHT_WORK_LIMIT, Undecidable


def smallest_contradiction(conditions: Sequence[Condition]) -> list[int] | None:
    """The indices of conditions that cannot hold together, with none redundant; None if all hold for some size.

    The last of them is the first at which the conditions, taken in order, become contradictory. It is tried alone,
    then with each other one; otherwise the next are found in the same way, each by bisection.
    """
    if solve(conditions):
        return None
    last = _first_contradicting(conditions, [], len(conditions) - 1)
    for members in ([last], *([index, last] for index in range(last))):
        if _contradict(conditions, members):
            return members
    members = [last]
    while members[-1] > 0 and not _contradict(conditions, members):
        members.append(_first_contradicting(conditions, members, members[-1] - 1))
    return members[::-1]


def _first_contradicting(conditions: Sequence[Condition], chosen: list[int], last: int) -> int:
    """The smallest index up to which the conditions contradict the chosen ones, by bisection; up to `last` they do."""
    low, high = -1, last
    while high - low > 1:
        middle = (low + high) // 2
        if _contradict(conditions, [*chosen, *range(middle + 1)]):
            high = middle
        else:
            low = middle
    return high


def _contradict(conditions: Sequence[Condition], chosen: Iterable[int]) -> bool:
    """Whether these conditions provably cannot hold together; False if that takes too much work."""
    try:
        return not solve([conditions[index] for index in chosen], limit=LIGHT_WORK_LIMIT)
    except Undecidable:
        return False
