"""Summarize times by their median, its confidence interval, and their spread.

Times of a program have a long tail on one side, so that means and standard deviations describe them badly. The interval
comes from ranks for few times, and from medians of blocks for many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.pytorch.bench.timing.blocks import FEWEST, half_width

CONFIDENCE = 0.95


class Summary(NamedTuple):
    """A summary of numbers: the median, its interval (None with too few), the quartiles, and their count."""

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
    """The summary of one or more numbers, given in the order in which they were measured."""
    ordered = sorted(numbers)
    count = len(ordered)
    quartiles = ordered[(count - 1) // 4], ordered[count - 1 - (count - 1) // 4]
    return Summary(_median(ordered), _interval(numbers, ordered), quartiles, count)


def _interval(numbers: Sequence[float], ordered: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of the median: by blocks, or by ranks with too few numbers for blocks; None with too few."""
    count = len(ordered)
    if count >= FEWEST:
        median, half = _median(ordered), half_width(numbers)
        return max(ordered[0], median - half), min(ordered[-1], median + half)
    rank = interval_rank(count)
    return None if rank is None else (ordered[rank], ordered[count - 1 - rank])


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest of sorted numbers that `percent` % do not exceed; None if it would be the largest."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1] if 0 < rank < len(ordered) else None


def interval_rank(count: int, confidence: float = CONFIDENCE) -> int | None:
    """r such that the true median lies between the r-th smallest and the r-th largest, from 0; None with too few.

    Each of the n numbers falls below the median with probability 1/2, so both ends hold with probability
    1 − 2·P(X ≤ r), X binomial(n, 1/2). Returns the largest such r. The numbers are assumed to be independent.
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
