import pytest
import torch  # noqa: F401 - without it this file is left out

from cnncalc.pytorch.bench.devices.cpu import Cpu
from cnncalc.pytorch.bench.team import Solo
from cnncalc.pytorch.bench.timing.latency import FEWEST, latency_of
from cnncalc.pytorch.bench.timing.phases import phases_of
from cnncalc.pytorch.bench.timing.queueing import Queueing, queueing_of

from ..fake_cuda import LAUNCH, SLOTS


def launches(api, count, seconds):
    def call():
        for _ in range(count):
            api.launch(seconds)

    return call


def test_host_and_device_of_a_call_that_is_launch_bound(api, cuda):
    call = launches(api, 100, 1e-6)
    found = queueing_of(cuda, call)
    assert found.host == pytest.approx(100 * LAUNCH)
    assert found.device == pytest.approx(100e-6, rel=0.01)
    (step,) = cuda.durations(call, 10, 1)
    assert found.waiting(step) == pytest.approx(0.8, abs=0.01)


def test_a_call_that_is_not(api, cuda):
    found = queueing_of(cuda, launches(api, 100, 1e-4))
    assert found.device == pytest.approx(1e-2, rel=0.01)
    assert found.waiting(1e-2) == pytest.approx(0, abs=0.01)


def test_more_launches_than_the_queue_holds(api, cuda):
    found = queueing_of(cuda, launches(api, SLOTS + 200, 1e-6))
    assert found.device is None  # the host cannot get ahead of the device
    assert found.host > 0
    assert found.waiting(1.0) is None


def test_a_device_without_a_queue():
    assert queueing_of(Cpu(), lambda: None) is None
    assert Queueing(1.0, 1.0).waiting(0.0) is None


def test_latency_waits_for_every_call(api, cuda):
    found = latency_of(cuda, launches(api, 10, 1e-4), 0.5)
    assert (found.p50, found.p95) == pytest.approx((10 * 1e-4 + LAUNCH,) * 2)
    assert found.calls == pytest.approx(500, rel=0.02)
    (step,) = cuda.durations(launches(api, 10, 1e-4), 10, 1)
    assert step < found.p50  # back to back the host is ahead


def test_latency_has_a_tail(api, cuda):
    calls = iter(range(10**6))

    def call():
        api.launch(1e-2 if next(calls) % 50 == 0 else 1e-3)

    found = latency_of(cuda, call, 1.5)
    assert (found.p50, found.p95) == pytest.approx((1e-3 + LAUNCH,) * 2)
    assert found.p99 == pytest.approx(1e-2 + LAUNCH)


def test_latency_of_few_calls_has_no_p99(api, cuda):
    found = latency_of(cuda, launches(api, 1, 1.0), 1.0)
    assert found.calls == FEWEST
    assert found.p95 == pytest.approx(1.0, rel=0.01)
    assert found.p99 is None


def test_phases_of_a_step(api, cuda):
    def split(mark):
        def step():
            api.launch(1e-3)
            mark()
            api.launch(2e-3)
            mark()
            api.launch(5e-4)

        return step

    assert phases_of(cuda, split, 0.1, Solo()) == pytest.approx((1e-3, 2e-3, 5e-4), rel=0.01)
