"""Compare the host's time to queue a call with the device's time to run it: which waits for the other."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from cnncalc.pytorch.bench.devices.device import Call, Device

SAMPLES = 5
LEAD = 1.5  # the device sleeps for LEAD times the host's time to queue a call
LEAST_LEAD = 1e-3  # seconds


class Queueing(NamedTuple):
    """Seconds: `host` to queue a call, `device` to run it without gaps.

    `device` is None if a call does not fit the queue of a stream, so that the host cannot run ahead.
    """

    host: float
    device: float | None

    def waiting(self, step: float) -> float | None:
        """The share of a call of `step` seconds in which the device waits for the host."""
        return None if self.device is None or not step else max(0.0, 1 - self.device / step)


def queueing_of(device: Device, call: Call) -> Queueing | None:
    """Both times of a call; None on a device without a queue."""
    if not device.queues:
        return None
    host = median(host_seconds(device, call) for _ in range(SAMPLES))
    runs = [_without_gaps(device, call, max(LEAD * host, LEAST_LEAD)) for _ in range(SAMPLES)]
    seconds = [run for run in runs if run is not None]
    return Queueing(host, median(seconds) if seconds else None)


def host_seconds(device: Device, call: Call) -> float:
    """The host's seconds to queue a call on an idle device."""
    device.wait()
    start = device.now()
    call()
    return device.now() - start


def _without_gaps(device: Device, call: Call, lead: float) -> float | None:
    """Seconds of a call that was queued while the device slept; None if the device woke up first."""
    device.wait()
    device.head_start(lead)
    first = device.mark()
    start = device.now()
    call()
    late = device.now() - start >= lead
    (seconds,) = device.between([first, device.mark()])
    return None if late else seconds
