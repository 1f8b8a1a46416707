"""Warm up: call until the device has worked for half a second and its times no longer rise or fall."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple, Protocol

from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.blocks import TREND_BLOCKS, trending
from cnncalc.pytorch.bench.timing.order_statistics import summarise

LEAST = 0.5  # seconds of the device's work: clocks take some tenths of a second to rise, and to be held back
RECENT = 0.4  # seconds at the end of the warm-up that must show no trend
ROUND = 0.1  # seconds between looks
SHORTEST_SAMPLE = 2e-3  # seconds: short calls are timed many at once, far above what a clock or an event can tell apart


class Samples(Protocol):
    """Seconds per call of `count` samples in a row, each of `calls` calls."""

    def __call__(self, calls: int, count: int) -> list[float]:
        """Take them."""


class Warm(NamedTuple):
    """How many calls make a sample, and whether times had settled before patience ended."""

    calls: int
    settled: bool


def warm_up(samples: Samples, limit: float, team: Team, single: bool = False) -> Warm:
    """Call for at least `LEAST` seconds and at most about `limit`; `single`: a sample is one call, however short."""
    times: list[float] = []  # seconds per call
    weights: list[float] = []  # seconds of the sample
    spent, calls, count = 0.0, 1, 1
    while True:
        found = samples(calls, count)
        times += found
        weights += [seconds * calls for seconds in found]
        spent += team.led(sum(found) * calls)
        settled = bool(team.led(float(spent >= LEAST and not trending(recent(times, weights)))))
        now = team.led(summarise(found).median)
        if settled or spent >= limit or not now:
            return Warm(calls, settled or not now)
        calls = 1 if single else calls_of(now)
        count = max(1, min(1000, int(min(ROUND, limit - spent) / (now * calls))))


def recent(times: list[float], weights: list[float]) -> list[float]:
    """The last samples that took `RECENT` seconds together, and at least as many as a trend needs."""
    whole, count = 0.0, 0
    for weight in reversed(weights):
        if whole >= RECENT and count >= TREND_BLOCKS:
            break
        whole += weight
        count += 1
    return times[-count:]


def calls_of(seconds: float) -> int:
    """How many calls of so many seconds make a sample."""
    return max(1, ceil(SHORTEST_SAMPLE / max(seconds, 1e-9)))
