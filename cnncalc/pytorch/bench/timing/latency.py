"""The latency of calls: each is queued and waited for before the next, as for a caller who needs the answer."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.timing.order_statistics import percentile, summarise

FEWEST = 20
MOST = 20_000


class Latency(NamedTuple):
    """Percentiles in seconds by the host's clock, from before a call to the end of its work; None for too few calls."""

    p50: float
    p95: float | None
    p99: float | None
    calls: int


def latency_of(device: Device, call: Call, duration: float) -> Latency:
    """The latency over calls that take `duration` seconds in total, with at least twenty calls."""
    times: list[float] = []
    spent = 0.0
    while len(times) < FEWEST or (spent < duration and len(times) < MOST):
        times.append(single(device, call))
        spent += times[-1]
    ordered = sorted(times)
    return Latency(summarise(times).median, percentile(ordered, 95), percentile(ordered, 99), len(times))


def single(device: Device, call: Call) -> float:
    """Seconds of one call on an idle device."""
    device.wait()
    start = device.now()
    call()
    device.wait()
    return device.now() - start
