"""The median of times, how far it can be trusted, how widely single times lie: by rank, no bell curve assumed.

Times of a program have a long tail to one side, so that means and standard deviations say little about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

CONFIDENCE = 0.95


class Summary(NamedTuple):
    """Of some numbers: the median, its interval (None of too few), the middle half, how many there were."""

    median: float
    interval: tuple[float, float] | None
    quartiles: tuple[float, float]
    size: int

    @property
    def spread(self) -> float:
        """The width of the middle half, as a share of the median."""
        low, high = self.quartiles
        return (high - low) / self.median if self.median else 0.0


def summarise(numbers: Sequence[float]) -> Summary:
    """The summary of at least one number."""
    ordered = sorted(numbers)
    count = len(ordered)
    quartiles = ordered[(count - 1) // 4], ordered[count - 1 - (count - 1) // 4]
    rank = interval_rank(count)
    interval = None if rank is None else (ordered[rank], ordered[count - 1 - rank])
    return Summary(_median(ordered), interval, quartiles, count)


def interval_rank(count: int, confidence: float = CONFIDENCE) -> int | None:
    """r such that the true median lies between the r-th smallest and the r-th largest, from 0; None: too few.

    Each of the n numbers falls below the median with probability 1/2, so both ends hold with 1 − 2·P(X ≤ r),
    X binomial(n, 1/2); the largest such r. The numbers are taken as independent, which successive times nearly are once
    a program is warm: drift shows in the quartiles.
    """
    allowed = (1 - confidence) / 2
    term = whole = 1
    total = 1 << count
    for rank in range(count // 2):
        if whole / total > allowed:
            return rank - 1 if rank else None
        term = term * (count - rank) // (rank + 1)
        whole += term
    return None


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
