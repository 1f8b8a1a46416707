import random
from math import comb

import pytest

from cnncalc.pytorch.bench.timing.order_statistics import interval_rank, summarise


@pytest.mark.parametrize(
    ("count", "rank"), [(0, None), (1, None), (5, None), (6, 0), (8, 0), (9, 1), (20, 5), (25, 7), (100, 39)]
)
def test_rank_as_tables_of_the_sign_test_have_it(count, rank):
    assert interval_rank(count) == rank


@pytest.mark.parametrize("count", range(6, 200, 7))
def test_rank_is_the_largest_that_covers(count):
    rank = interval_rank(count)
    outside = [2 * sum(comb(count, k) for k in range(r + 1)) / 2**count for r in (rank, rank + 1)]
    assert outside[0] <= 0.05 < outside[1]


def test_interval_covers_the_median_of_a_skewed_population():
    rng = random.Random(1)
    hits = 0
    for _ in range(500):
        low, high = summarise([rng.expovariate(1) for _ in range(31)]).interval
        hits += low <= 0.6931 <= high
    assert hits >= 460  # 475 are expected at 95 %


def test_summary():
    found = summarise([5.0, 1.0, 2.0, 4.0, 3.0, 9.0, 7.0])
    assert found.median == 4.0
    assert found.interval == (1.0, 9.0)
    assert found.quartiles == (2.0, 7.0)
    assert found.size == 7
    assert found.spread == 5 / 4


def test_of_few():
    assert summarise([2.0]) == (2.0, None, (2.0, 2.0), 1)
    assert summarise([2.0, 4.0]).median == 3.0
    assert summarise([0.0]).spread == 0
