"""Warm-up and measurement on clocks that rise, that throttle, and that do both."""

import math
import random

import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.pytorch.bench.devices.cuda import Cuda
from cnncalc.pytorch.bench.team import Solo
from cnncalc.pytorch.bench.timing.timing import PATIENCE, time_call
from cnncalc.pytorch.bench.timing.warming import LEAST, recent

from ..fake_cuda import FakeCuda

WORK = 1e-3  # seconds of a call at full speed


def rising(ran):
    """From 60 % of the clock to all of it, within tenths of a second."""
    return 1 - 0.4 * math.exp(-ran / 0.3)


def timed(speed, duration=1.0):
    api = FakeCuda(speed=speed)
    device = Cuda(0, api, place="cpu", clock=api.clock)
    return time_call(device, lambda: api.launch(WORK), duration, Solo(), 0.0), api


def test_waits_for_a_clock_that_rises():
    found, _ = timed(rising)
    assert found.settled
    assert found.median == pytest.approx(WORK, rel=0.01)
    assert found.drift is None


def test_waits_for_a_clock_that_is_about_to_throttle():
    found, _ = timed(lambda ran: 1.0 if ran < 0.3 else 0.92)
    assert found.settled
    assert found.median == pytest.approx(WORK / 0.92, rel=0.005)


def test_a_clock_that_throttles_while_it_is_measured_is_said():
    found, _ = timed(lambda ran: 1.0 if ran < 1.2 else 0.92, 1.5)
    assert found.settled
    assert found.drift == pytest.approx(1 / 0.92 - 1, rel=0.05)


def test_warms_up_half_a_second_at_least():
    _, api = timed(lambda ran: 1.0, 0.1)
    assert api.devices[0].ran >= LEAST + 0.1


def test_patience_ends_with_a_clock_that_never_settles():
    found, api = timed(lambda ran: 1 / (1 + ran), 0.5)
    assert not found.settled
    assert api.devices[0].ran < 2 * PATIENCE + 1


def test_noise_alone_does_not_prolong_it():
    rng = random.Random(4)
    ran = [timed(lambda ran: 1 + rng.gauss(0, 0.01), 0.1)[1].devices[0].ran for _ in range(20)]
    assert sum(seconds < 1 for seconds in ran) >= 18


def test_recent_has_what_a_trend_needs():
    assert len(recent([1.0] * 50, [0.1] * 50)) == 10  # four would take long enough
    assert len(recent([1e-3] * 1000, [1e-3] * 1000)) == pytest.approx(400, abs=1)
    assert recent([1.0], [1.0]) == [1.0]


def test_every_call_is_a_sample_where_the_cache_is_cleared(api, cuda, monkeypatch):
    monkeypatch.setattr(cuda, "clear_cache", api.clear_l2)
    call = lambda: api.launch(WORK, data="maps", size=10 << 20)  # noqa: E731
    warm = time_call(cuda, call, 0.2, Solo(), 0.0)
    cold = time_call(cuda, call, 0.2, Solo(), 0.0, cold=True)
    assert warm.median == pytest.approx(WORK / 2, rel=0.01)  # from the L2
    assert cold.median == pytest.approx(WORK, rel=0.01)  # the clearing itself is not counted
    assert cold.calls == 1
