"""Time by the host's clock: for devices that finish a call before it returns, or can be waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from cnncalc.pytorch.bench.devices.device import Call

Clock = Callable[[], float]
Wait = Callable[[], object]


def nothing_to_wait_for() -> None:
    """A processor has done a call's work when it returns."""


class HostClock:
    """Durations and marks by a clock in seconds; `wait` returns when all work is done."""

    def __init__(self, wait: Wait = nothing_to_wait_for, clock: Clock = time.perf_counter) -> None:
        self._wait = wait
        self._clock = clock

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call of `count` samples of `calls` calls."""
        return [self._sample(call, calls) for _ in range(count)]

    def mark(self) -> object:
        """The time, all work done."""
        self._wait()
        return self._clock()

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next."""
        times = [float(mark) for mark in marks]  # type: ignore[arg-type] # they are this clock's
        return [later - sooner for sooner, later in pairwise(times)]

    def _sample(self, call: Call, calls: int) -> float:
        self._wait()
        start = self._clock()
        for _ in range(calls):
            call()
        self._wait()
        return (self._clock() - start) / calls
