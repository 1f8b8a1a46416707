"""Warm up until times settle, then measure: samples of a few calls each, the median and its interval."""

from __future__ import annotations

from dataclasses import dataclass

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.blocks import drift_of
from cnncalc.pytorch.bench.timing.order_statistics import Summary, summarise
from cnncalc.pytorch.bench.timing.warming import Samples, warm_up

PATIENCE = 3.0  # seconds that a warm-up may take, where less is measured
FEWEST_SAMPLES = 6  # below this no interval holds at 95 %
MOST_SAMPLES = 20_000
OVERTIME = 5  # so many durations are waited for the fewest samples
WIDE = 0.05  # an interval, or a middle half, of more than this share of the median is warned of


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one call, back to back: the first apart (it loads, compiles, searches), the samples'.

    `settled`: whether the warm-up saw no trend any more; `drift`: by what share the last third of the samples differs
    from the first, None where it does not.
    """

    first: float
    summary: Summary
    calls: int  # per sample
    settled: bool
    drift: float | None = None

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


def time_call(device: Device, call: Call, duration: float, team: Team, first: float, cold: bool = False) -> Timing:
    """Warm up, for at most as long as is measured or three seconds, then measure for `duration` seconds.

    Args:
        first: what the very first call took.
        cold: the shared cache is cleared before each sample, which is then a single call.
    """
    samples = cold_samples(device, call) if cold else warm_samples(device, call)
    calls, settled = warm_up(samples, max(PATIENCE, duration), team, single=cold)
    times = measure(samples, calls, duration, team)
    return Timing(first, summarise(times), calls, settled, drift_of(times))


def warm_samples(device: Device, call: Call) -> Samples:
    """Calls back to back, as a program makes them."""
    return lambda calls, count: device.durations(call, calls, count)


def cold_samples(device: Device, call: Call) -> Samples:
    """Single calls, each behind a cleared cache; the clearing is not counted."""

    def sample() -> float:
        device.clear_cache()
        start = device.mark()
        call()
        (seconds,) = device.between([start, device.mark()])
        return seconds

    return lambda calls, count: [sample() for _ in range(count)]


def measure(samples: Samples, calls: int, duration: float, team: Team) -> list[float]:
    """Seconds per call of samples that last `duration` in all; of fewer than six only where those take much longer."""
    times: list[float] = []
    spent, count = 0.0, 1
    while len(times) < MOST_SAMPLES:
        found = samples(calls, count)
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
