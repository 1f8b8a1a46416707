"""Intervals, drift and trend by seeded simulation: how often they are right is counted, no clock is asked."""

import random
from math import sqrt

import pytest

from cnncalc.pytorch.bench.results.saved import distinct
from cnncalc.pytorch.bench.timing.blocks import BLOCKS, block_medians, drift_of, neighbour_correlation, trending
from cnncalc.pytorch.bench.timing.order_statistics import percentile, summarise

RUNS = 400
NOISE = 0.02  # of the time, the deviation of single samples


def series(rng, size, correlation=0.0, noise=NOISE):
    """Times around 1 s whose neighbours correlate: a Gaussian autoregressive process, stationary."""
    state, found = rng.gauss(0, 1), []
    for _ in range(size):
        found.append(1 + noise * state)
        state = correlation * state + sqrt(1 - correlation**2) * rng.gauss(0, 1)
    return found


@pytest.mark.parametrize(
    ("size", "correlation", "least"),
    [(40, 0.0, 0.93), (200, 0.0, 0.93), (1000, 0.0, 0.93), (200, 0.9, 0.9), (1000, 0.9, 0.93), (2000, 0.98, 0.92)],
)
def test_interval_covers_what_it_claims(size, correlation, least):
    rng = random.Random(7)
    found = [summarise(series(rng, size, correlation)).interval for _ in range(RUNS)]
    covered = sum(low <= 1 <= high for low, high in found) / RUNS
    assert covered >= least


def test_interval_of_independent_times_is_no_wider_than_it_must_be():
    """The median of n Gaussian times has the deviation 1.25 σ / √n; the interval is about twice that to either side."""
    rng = random.Random(3)
    widths = sorted(high - low for low, high in (summarise(series(rng, 1000)).interval for _ in range(100)))
    assert widths[50] <= 1.5 * 2 * 1.96 * 1.2533 * NOISE / sqrt(1000)


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.98])
def test_equal_runs_are_not_called_distinct(correlation):
    rng = random.Random(11)
    found = [summarise(series(rng, 1000, correlation)) for _ in range(200)]
    apart = [distinct(a.median, a.interval, b.median, b.interval) for a, b in zip(found[::2], found[1::2], strict=True)]
    assert sum(apart) <= 5


def test_other_runs_are_called_distinct():
    rng = random.Random(13)
    for _ in range(50):
        a, b = summarise(series(rng, 1000, 0.9, 0.005)), summarise([1.03 * t for t in series(rng, 1000, 0.9, 0.005)])
        assert distinct(a.median, a.interval, b.median, b.interval)


def test_less_than_one_percent_is_not_distinct():
    assert not distinct(1.0, (1.0, 1.0), 1.009, (1.009, 1.009))
    assert distinct(1.0, (1.0, 1.0), 1.011, (1.011, 1.011))
    assert distinct(1.0, None, 2.0, (2.0, 2.0)) is None


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_drift_is_not_seen_where_there_is_none(correlation):
    rng = random.Random(5)
    assert sum(drift_of(series(rng, 1000, correlation)) is not None for _ in range(200)) <= 6


def test_drift_is_seen():
    rng = random.Random(6)
    for _ in range(50):
        rising = [time * (1 + 0.06 * index / 1000) for index, time in enumerate(series(rng, 1000))]
        assert drift_of(rising) == pytest.approx(0.04, abs=0.015)
    assert drift_of([1.0] * 10) is None  # too few to tell


def test_trend_is_not_seen_where_there_is_none():
    rng = random.Random(8)
    assert sum(trending(series(rng, 200)) for _ in range(200)) <= 6
    assert not trending([1.0] * 10)


@pytest.mark.parametrize(
    "shape", [lambda x: 1 + 0.03 * x, lambda x: 1 - 0.03 * x, lambda x: 1.0 if x < 0.3 else 1.08,
              lambda x: 1.0 if x < 0.7 else 0.92]
)  # fmt: skip
def test_trend_is_seen(shape):
    rng = random.Random(9)
    found = [trending([t * shape(i / 200) for i, t in enumerate(series(rng, 200, 0.0, 0.003))]) for _ in range(50)]
    assert all(found)


def test_of_few_the_halves_are_compared():
    assert trending([1.0])
    assert trending([1.0, 1.1])
    assert not trending([1.0, 1.01, 1.0, 1.01])


def test_blocks():
    assert block_medians([float(n) for n in range(45)]) == [3.0 * n + 1 for n in range(BLOCKS)]
    assert neighbour_correlation([1.0] * 15) == 0
    assert neighbour_correlation([float(n) for n in range(15)]) == 0.9


def test_percentile():
    assert percentile([float(n) for n in range(1, 101)], 95) == 95
    assert percentile([float(n) for n in range(1, 101)], 99) == 99
    assert percentile([float(n) for n in range(1, 21)], 99) is None  # it would be the largest
