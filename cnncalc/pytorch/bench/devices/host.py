"""What devices have in common whose work is waited for by the host's clock: the processor, and Apple's GPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

from cnncalc.pytorch.bench.devices.device import Call, Peaks
from cnncalc.pytorch.bench.devices.sensors import Sensors

Clock = Callable[[], float]
Wait = Callable[[], object]


def nothing_to_wait_for() -> None:
    """A processor has done a call's work when it returns."""


class HostClock:
    """Durations and marks by a clock in seconds; `wait` returns when all work is done."""

    queues = False
    cache: int | None = None
    most_numbers: int | None = None

    def __init__(self, wait: Wait = nothing_to_wait_for, clock: Clock = time.perf_counter) -> None:
        self._wait = wait
        self._clock = clock

    def durations(self, call: Call, calls: int, count: int) -> list[float]:
        """Seconds per call of `count` samples of `calls` calls."""
        return [self._sample(call, calls) for _ in range(count)]

    def now(self) -> float:
        """The clock."""
        return self._clock()

    def wait(self) -> None:
        """Until all work is done."""
        self._wait()

    def answers(self) -> bool:
        """A fault of one call leaves nothing behind."""
        return True

    def mark(self) -> object:
        """The time, all work done."""
        self._wait()
        return self._clock()

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next."""
        times = [float(mark) for mark in marks]  # type: ignore[arg-type] # they are this clock's
        return [later - sooner for sooner, later in pairwise(times)]

    def head_start(self, seconds: float) -> None:
        """Every mark waits, so nothing is queued ahead."""

    def clear_cache(self) -> None:
        """Not considered here."""

    def sensors(self) -> Sensors | None:
        """None are read."""
        return None

    def begin_peaks(self) -> None:
        """No count is kept."""

    def peaks(self) -> Peaks | None:
        """No count is kept."""
        return None

    def without_algorithm_search(self) -> AbstractContextManager[None]:
        """Nothing to leave out."""
        return nullcontext()

    def kernels(self, call: Call) -> int | None:
        """They are not counted."""
        return None

    def _sample(self, call: Call, calls: int) -> float:
        self._wait()
        start = self._clock()
        for _ in range(calls):
            call()
        self._wait()
        return (self._clock() - start) / calls
