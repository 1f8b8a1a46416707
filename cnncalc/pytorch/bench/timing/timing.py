"""Time a call: warm up until times settle, then measure samples of one or more calls each."""

from __future__ import annotations

from dataclasses import dataclass

from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.blocks import drift_of
from cnncalc.pytorch.bench.timing.order_statistics import Summary, summarise
from cnncalc.pytorch.bench.timing.warming import Samples, warm_up

PATIENCE = 3.0  # seconds that a warm-up may take, even if the measurement is shorter
FEWEST_SAMPLES = 6  # with fewer there is no 95 % interval
MOST_SAMPLES = 20_000
OVERTIME = 5  # the measurement may last this many durations to get the fewest samples
WIDE = 0.05  # warn if the interval or the middle half is wider than this share of the median


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one call: of the first call, which loads, compiles and searches, and the summary of the samples.

    `settled`: whether the warm-up ended without a trend; `drift`: the relative change from the first third of the
    samples to the last, None if there is none.
    """

    first: float
    summary: Summary
    calls: int  # per sample
    settled: bool
    drift: float | None = None

    @property
    def median(self) -> float:
        """The median of the samples, in seconds per call."""
        return self.summary.median

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the median; None with too few samples."""
        return self.summary.interval

    @property
    def few(self) -> bool:
        """Whether there are too few samples for an interval."""
        return self.interval is None

    @property
    def wide(self) -> bool:
        """Whether the interval of the median or the spread of the samples exceeds 5 % of the median."""
        low, high = self.interval or self.summary.quartiles
        return high - low > WIDE * self.median or self.summary.spread > WIDE


def time_call(device: Device, call: Call, duration: float, team: Team, first: float, cold: bool = False) -> Timing:
    """Warm up for at most `duration` or three seconds, whichever is longer, then measure for `duration` seconds.

    Args:
        first: seconds of the very first call.
        cold: whether to clear the shared cache before each sample, which is then a single call.
    """
    samples = cold_samples(device, call) if cold else warm_samples(device, call)
    calls, settled = warm_up(samples, max(PATIENCE, duration), team, single=cold)
    times = measure(samples, calls, duration, team)
    return Timing(first, summarise(times), calls, settled, drift_of(times))


def warm_samples(device: Device, call: Call) -> Samples:
    """Samples of calls back to back, as a program makes them."""
    return lambda calls, count: device.durations(call, calls, count)


def cold_samples(device: Device, call: Call) -> Samples:
    """Samples of single calls, each after the cache is cleared; the clearing is not counted."""

    def sample() -> float:
        device.clear_cache()
        start = device.mark()
        call()
        (seconds,) = device.between([start, device.mark()])
        return seconds

    return lambda calls, count: [sample() for _ in range(count)]


def measure(samples: Samples, calls: int, duration: float, team: Team) -> list[float]:
    """Seconds per call of samples that take `duration` seconds in total; at least six unless those take much longer."""
    times: list[float] = []
    spent, count = 0.0, 1
    while len(times) < MOST_SAMPLES:
        latest = samples(calls, count)
        times += latest
        spent += team.led(sum(latest) * calls)
        enough = len(times) >= FEWEST_SAMPLES
        if spent >= duration * (1 if enough else OVERTIME):
            break
        count = _round(spent / len(times), duration - spent)
    return times


def _round(sample: float, left: float) -> int:
    """The number of samples until the next check of the clock: a tenth of the time that is left."""
    return max(1, min(int(left / max(sample, 1e-9) / 10) + 1, 1000))
