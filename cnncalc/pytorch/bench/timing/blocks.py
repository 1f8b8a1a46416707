"""Statistics of consecutive times in contiguous blocks: the interval of the median, drift and trend.

Neighbouring times of a device are correlated: its clock, its temperature and other work change more slowly than calls
do. A method that assumes independence gives intervals that are far too narrow. Medians of blocks are nearly independent
once a block lasts longer than the correlation; what remains is estimated from neighbouring blocks, and widens the
interval (batch means: Law, "Simulation Modeling and Analysis", 9.5.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median, stdev

BLOCKS = 15
FEWEST = 20  # numbers from which blocks are more informative than ranks
MOST_ALIKE = 0.9  # a higher correlation of so few blocks carries no more information
# Student's t at 97.5 %, by degrees of freedom.
STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
)  # fmt: skip
LEAST_FREEDOM = 2
TREND_BLOCKS = 10
# For ten values without a trend, Kendall's S stays below this in 95 of 100 cases (Kendall, "Rank Correlation Methods").
TREND_S = 23
NOTABLE = 0.01  # differences below one percent are ignored
DRIFT_ERRORS = 3.0  # standard errors from which the first and the last third differ


def block_medians(numbers: Sequence[float], count: int = BLOCKS) -> list[float]:
    """The medians of `count` contiguous blocks of at least `count` numbers."""
    size = len(numbers)
    return [median(numbers[i * size // count : (i + 1) * size // count]) for i in range(count)]


def half_width(numbers: Sequence[float]) -> float:
    """Half the width of the 95 % interval of the median of at least `FEWEST` consecutive numbers, correlated or not.

    For b block medians with deviation s and lag-1 correlation r it is t·s·√((1 + r) / (1 − r) / b), with
    (b − 1)(1 − r) / (1 + r) effective degrees of freedom.
    """
    medians = block_medians(numbers)
    inflation = (1 + neighbour_correlation(medians)) / (1 - neighbour_correlation(medians))
    freedom = max(LEAST_FREEDOM, int((BLOCKS - 1) / inflation))
    return STUDENT[freedom - 1] * stdev(medians) * sqrt(inflation / BLOCKS)


def neighbour_correlation(numbers: Sequence[float]) -> float:
    """The lag-1 correlation, from 0 to `MOST_ALIKE`, corrected for the bias of the estimate, −(1 + 3r) / n."""
    mean = fmean(numbers)
    whole = sum((number - mean) ** 2 for number in numbers)
    if not whole:
        return 0.0
    correlation = sum((a - mean) * (b - mean) for a, b in pairwise(numbers)) / whole
    return min(max(correlation + (1 + 3 * correlation) / len(numbers), 0.0), MOST_ALIKE)


def drift_of(numbers: Sequence[float]) -> float | None:
    """The relative change from the first third to the last; None if it is below 1 % or may be due to chance."""
    if len(numbers) < FEWEST:
        return None
    medians = block_medians(numbers)
    change, error = change_of(medians)
    first = fmean(medians[: BLOCKS // 3])
    return change / first if abs(change) > NOTABLE * first and abs(change) > DRIFT_ERRORS * error else None


def change_of(medians: Sequence[float]) -> tuple[float, float]:
    """The difference between the means of the last and the first third, and its standard error."""
    third = len(medians) // 3
    first, last = medians[:third], medians[-third:]
    return fmean(last) - fmean(first), sqrt((stdev(first) ** 2 + stdev(last) ** 2) / third)


def trending(numbers: Sequence[float]) -> bool:
    """Whether consecutive numbers still rise or fall by more than 1 % from the first third to the last, not by chance.

    A slow change shows in the order of all blocks (Mann and Kendall), a step in the difference between the thirds
    relative to their scatter. With fewer than ten numbers, the halves are compared and may differ by 2 %.
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
