"""The common part of devices that are timed by the host's clock: the CPU and Apple's GPU."""

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
    """Do nothing: a call on the CPU has done its work when it returns."""


class HostClock:
    """A device timed by `clock`, in seconds; `wait` returns when all work is done."""

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
        """Seconds by the clock."""
        return self._clock()

    def wait(self) -> None:
        """Wait until all work is done."""
        self._wait()

    def answers(self) -> bool:
        """True: a failed call does not affect later ones."""
        return True

    def mark(self) -> object:
        """The time after all work is done."""
        self._wait()
        return self._clock()

    def between(self, marks: Sequence[object]) -> list[float]:
        """Seconds from each mark to the next."""
        times = [float(mark) for mark in marks]  # type: ignore[arg-type] # times of this clock
        return [later - sooner for sooner, later in pairwise(times)]

    def head_start(self, seconds: float) -> None:
        """Do nothing: every mark waits, so no work is queued ahead."""

    def clear_cache(self) -> None:
        """Do nothing: the cache is ignored here."""

    def sensors(self) -> Sensors | None:
        """None: there are no sensors to read."""
        return None

    def begin_peaks(self) -> None:
        """Do nothing: there are no statistics."""

    def peaks(self) -> Peaks | None:
        """None: there are no statistics."""
        return None

    def without_algorithm_search(self) -> AbstractContextManager[None]:
        """An empty context: there is no search to disable."""
        return nullcontext()

    def kernels(self, call: Call) -> int | None:
        """None: kernels are not counted."""
        return None

    def _sample(self, call: Call, calls: int) -> float:
        self._wait()
        start = self._clock()
        for _ in range(calls):
            call()
        self._wait()
        return (self._clock() - start) / calls
