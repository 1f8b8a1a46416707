"""Warm up until times settle, then measure: samples of a few calls each, the median and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.order_statistics import Summary, summarise

SHORTEST_SAMPLE = 2e-3  # seconds: short calls are timed many at once, far above what a clock or an event can tell apart
WINDOW = 5  # samples whose medians are compared while warming up
SETTLED = 0.02  # by so much two windows may differ
FEWEST_SAMPLES = 6  # below this no interval holds at 95 %
MOST_SAMPLES = 20_000
OVERTIME = 5  # so many durations are waited for the fewest samples
WIDE = 0.05  # an interval, or a middle half, of more than this share of the median is said aloud


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one call: the first apart (it loads, compiles, searches), the samples'; whether they settled."""

    first: float
    summary: Summary
    calls: int  # per sample
    settled: bool

    @property
    def median(self) -> float:
        """Seconds."""
        return self.summary.median

    @property
    def interval(self) -> tuple[float, float] | None:
        """In which the median lies with 95 % confidence; None of too few samples."""
        return self.summary.interval

    @property
    def few(self) -> bool:
        """Whether the samples are too few for an interval."""
        return self.interval is None

    @property
    def wide(self) -> bool:
        """Whether the median is known less well than within 5 %, or single times lie further apart than that."""
        low, high = self.interval or self.summary.quartiles
        return high - low > WIDE * self.median or self.summary.spread > WIDE


def time_call(device: Device, call: Call, duration: float, team: Team, first: float) -> Timing:
    """Warm up for at most as long as is measured (a second at least), then measure for `duration` seconds.

    `first` is what the very first call took.
    """
    calls, settled = warm_up(device, call, max(1.0, duration), team)
    return Timing(first, summarise(measure(device, call, calls, duration, team)), calls, settled)


def warm_up(device: Device, call: Call, limit: float, team: Team) -> tuple[int, bool]:
    """The calls that make a sample, and whether two windows agreed before `limit` seconds were over."""
    spent, before = 0.0, 0.0
    calls = 1
    while True:
        times = device.durations(call, calls, WINDOW if spent < limit else 1)
        now = team.led(summarise(times).median)
        spent += team.led(sum(times) * calls)
        if abs(now - before) <= SETTLED * now:
            return calls, True
        if spent >= limit:
            return calls, False
        before = now
        calls = calls_of(now)


def calls_of(seconds: float) -> int:
    """How many calls of so many seconds make a sample."""
    return max(1, ceil(SHORTEST_SAMPLE / max(seconds, 1e-9)))


def measure(device: Device, call: Call, calls: int, duration: float, team: Team) -> list[float]:
    """Seconds per call of samples that last `duration` in all; of fewer than six only where those take much longer."""
    times: list[float] = []
    spent, count = 0.0, 1
    while len(times) < MOST_SAMPLES:
        found = device.durations(call, calls, count)
        times += found
        spent += team.led(sum(found) * calls)
        enough = len(times) >= FEWEST_SAMPLES
        if spent >= duration * (1 if enough else OVERTIME):
            break
        count = _round(spent / len(times), duration - spent)
    return times


def _round(sample: float, left: float) -> int:
    """Samples until the next look at the clock: a tenth of the time, and no more than is left."""
    return max(1, min(int(left / max(sample, 1e-9) / 10) + 1, 1000))
