import random

import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.pytorch.bench.devices.host import HostClock
from cnncalc.pytorch.bench.team import Solo
from cnncalc.pytorch.bench.timing.timing import FEWEST_SAMPLES, time_call
from cnncalc.pytorch.bench.timing.warming import SHORTEST_SAMPLE, calls_of


class Clock:
    """A host's clock that moves when something is done."""

    def __init__(self):
        self.now = 0.0
        self.calls = 0

    def __call__(self):
        return self.now

    def work(self, seconds):
        self.calls += 1
        self.now += seconds


def timed(seconds_of, duration=1.0):
    clock = Clock()
    device = HostClock(clock=clock)
    found = time_call(device, lambda: clock.work(seconds_of(clock.calls)), duration, Solo(), 9.0)
    return found, clock


def test_steady_work():
    found, clock = timed(lambda n: 0.01)
    assert found.median == pytest.approx(0.01)
    assert found.interval == pytest.approx((0.01, 0.01))
    assert found.settled
    assert not found.wide
    assert not found.few
    assert found.first == 9.0
    assert 1.0 <= found.summary.size * 0.01 < 1.2
    assert clock.now < 2.5


def test_warm_up_ends_when_times_settle():
    found, _ = timed(lambda n: 0.1 if n < 4 else 0.01)
    assert found.settled
    assert found.median == pytest.approx(0.01)


def test_what_never_settles_is_said():
    found, _ = timed(lambda n: 0.01 * 1.3 ** (n // 5))
    assert not found.settled


def test_short_calls_are_taken_together():
    found, _ = timed(lambda n: 1e-6, 0.1)
    assert found.calls == pytest.approx(SHORTEST_SAMPLE / 1e-6, rel=0.01)
    assert found.median == pytest.approx(1e-6)


def test_calls():
    assert calls_of(1.0) == 1
    assert calls_of(SHORTEST_SAMPLE / 4) == 4
    assert calls_of(0.0) > 0


def test_long_calls_get_the_fewest_samples_of_an_interval():
    found, clock = timed(lambda n: 0.4, 1.0)
    assert found.summary.size == FEWEST_SAMPLES
    assert clock.now < 12


def test_very_long_calls_are_not_waited_for():
    found, clock = timed(lambda n: 7.0, 1.0)
    assert found.few
    assert found.summary.size == 1
    assert clock.calls < 12


def test_wide_spread_is_said():
    rng = random.Random(3)
    found, _ = timed(lambda n: rng.choice([0.01, 0.01, 0.02]))
    assert found.wide


def test_outliers_do_not_move_the_median():
    found, _ = timed(lambda n: 1.0 if n % 17 == 16 else 0.01, 30.0)
    assert found.median == pytest.approx(0.01)


def test_work_that_takes_no_time_ends():
    found, _ = timed(lambda n: 0.0, 0.1)
    assert found.median == 0.0
