"""Warm up: call until the device has worked for half a second and its times no longer rise or fall."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple, Protocol

from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.blocks import TREND_BLOCKS, trending
from cnncalc.pytorch.bench.timing.order_statistics import summarise

LEAST = 0.5  # seconds of work: clocks take some tenths of a second to rise, or to be throttled
RECENT = 0.4  # seconds at the end of the warm-up that must show no trend
ROUND = 0.1  # seconds between checks
SHORTEST_SAMPLE = 2e-3  # seconds: short calls are timed many at once, far above the resolution of a clock or an event


class Samples(Protocol):
    """Takes `count` consecutive samples of `calls` calls each, and returns the seconds per call of each sample."""

    def __call__(self, calls: int, count: int) -> list[float]:
        """Take the samples."""


class Warm(NamedTuple):
    """The number of calls per sample, and whether times settled within the limit."""

    calls: int
    settled: bool


def warm_up(samples: Samples, limit: float, team: Team, single: bool = False) -> Warm:
    """Warm up for at least `LEAST` and at most about `limit` seconds; `single`: a sample is one call, however short."""
    times: list[float] = []  # seconds per call
    weights: list[float] = []  # seconds of the sample
    spent, calls, count = 0.0, 1, 1
    while True:
        latest = samples(calls, count)
        times += latest
        weights += [seconds * calls for seconds in latest]
        spent += team.led(sum(latest) * calls)
        settled = bool(team.led(float(spent >= LEAST and not trending(recent(times, weights)))))
        now = team.led(summarise(latest).median)
        if settled or spent >= limit or not now:
            return Warm(calls, settled or not now)
        calls = 1 if single else calls_of(now)
        count = max(1, min(1000, int(min(ROUND, limit - spent) / (now * calls))))


def recent(times: list[float], weights: list[float]) -> list[float]:
    """The last samples that took `RECENT` seconds in total, and at least as many as a trend needs."""
    whole, count = 0.0, 0
    for weight in reversed(weights):
        if whole >= RECENT and count >= TREND_BLOCKS:
            break
        whole += weight
        count += 1
    return times[-count:]


def calls_of(seconds: float) -> int:
    """The number of calls per sample, for calls of `seconds` each."""
    return max(1, ceil(SHORTEST_SAMPLE / max(seconds, 1e-9)))
