"""Times in a row as contiguous blocks: how far their median can be trusted, whether they drift, whether they trend.

Neighbouring times of a device are alike: its clock, its temperature and other work last longer than a call. A method
that takes them as independent claims far too much. Medians of blocks are nearly independent as soon as a block outlasts
what neighbours share; what they still share is estimated from neighbouring blocks, and widens the interval (batch
means: Law, "Simulation Modeling and Analysis", 9.5.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median, stdev

BLOCKS = 15
FEWEST = 20  # numbers from which blocks say more than ranks
MOST_ALIKE = 0.9  # beyond that a correlation of so few blocks tells nothing more
# Student's t at 97.5 %, by degrees of freedom.
STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
)  # fmt: skip
LEAST_FREEDOM = 2
TREND_BLOCKS = 10
# Kendall's S of ten values in a row that have no trend stays below in 95 of 100 (Kendall, "Rank Correlation Methods").
TREND_S = 23
NOTABLE = 0.01  # a difference below one percent is nobody's concern
DRIFT_ERRORS = 3.0  # standard errors from which two thirds differ


def block_medians(numbers: Sequence[float], count: int = BLOCKS) -> list[float]:
    """The medians of `count` contiguous parts of at least as many numbers."""
    size = len(numbers)
    return [median(numbers[i * size // count : (i + 1) * size // count]) for i in range(count)]


def half_width(numbers: Sequence[float]) -> float:
    """Half the 95 % interval of the median of at least `FEWEST` numbers in a row, correlated or not.

    Of b block medians with deviation s and lag-1 correlation r: t·s·√((1 + r) / (1 − r) / b), with as many degrees of
    freedom as blocks are worth, (b − 1)(1 − r) / (1 + r).
    """
    medians = block_medians(numbers)
    inflation = (1 + neighbour_correlation(medians)) / (1 - neighbour_correlation(medians))
    freedom = max(LEAST_FREEDOM, int((BLOCKS - 1) / inflation))
    return STUDENT[freedom - 1] * stdev(medians) * sqrt(inflation / BLOCKS)


def neighbour_correlation(numbers: Sequence[float]) -> float:
    """The correlation of neighbours, from 0 to `MOST_ALIKE`; the estimate's bias, −(1 + 3r) / n, is taken off."""
    mean = fmean(numbers)
    whole = sum((number - mean) ** 2 for number in numbers)
    if not whole:
        return 0.0
    found = sum((a - mean) * (b - mean) for a, b in pairwise(numbers)) / whole
    return min(max(found + (1 + 3 * found) / len(numbers), 0.0), MOST_ALIKE)


def drift_of(numbers: Sequence[float]) -> float | None:
    """By what share the last third's median differs from the first's; None where that is below 1 %, or by chance."""
    if len(numbers) < FEWEST:
        return None
    medians = block_medians(numbers)
    change, error = change_of(medians)
    first = fmean(medians[: BLOCKS // 3])
    return change / first if abs(change) > NOTABLE * first and abs(change) > DRIFT_ERRORS * error else None


def change_of(medians: Sequence[float]) -> tuple[float, float]:
    """From the first third's mean to the last third's, and the standard error of that difference."""
    third = len(medians) // 3
    first, last = medians[:third], medians[-third:]
    return fmean(last) - fmean(first), sqrt((stdev(first) ** 2 + stdev(last) ** 2) / third)


def trending(numbers: Sequence[float]) -> bool:
    """Whether numbers in a row still rise or fall: by more than 1 % from the first third to the last, not by chance.

    A slow change shows in the order of all blocks (Mann and Kendall), a step in the distance of the thirds beside their
    own scatter. Of fewer than ten numbers the halves are compared, and may differ by 2 %.
    """
    if len(numbers) < TREND_BLOCKS:
        half = len(numbers) // 2
        if not half:
            return True
        first, last = median(numbers[:half]), median(numbers[-half:])
        return abs(last - first) > 2 * NOTABLE * last
    medians = block_medians(numbers, TREND_BLOCKS)
    pairs = [(i, j) for j in range(TREND_BLOCKS) for i in range(j)]
    rises = sum((medians[j] > medians[i]) - (medians[j] < medians[i]) for i, j in pairs)
    change, error = change_of(medians)
    ordered, apart = abs(rises) >= TREND_S, abs(change) > DRIFT_ERRORS * error
    return abs(change) > NOTABLE * median(medians) and (ordered or apart)
