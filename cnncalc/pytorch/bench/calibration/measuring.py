"""Times a set of networks on a device for a fit, and notices whether other work disturbs the times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from cnncalc.errors import UsageError
from cnncalc.prediction.predict import HOST, kernels_in
from cnncalc.prediction.terms import amounts_at, totals
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.fault_words import has_no_room
from cnncalc.pytorch.bench.faults import NoRoomError, faults_of
from cnncalc.pytorch.bench.predicted_time import setting_of
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject
from cnncalc.pytorch.bench.team import Solo
from cnncalc.pytorch.bench.timing.order_statistics import Summary, summarise
from cnncalc.pytorch.bench.timing.timing import measure, warm_samples
from cnncalc.pytorch.bench.timing.warming import warm_up
from cnncalc.quantities.sizes import plural

Say = Callable[[str], object]
LIMIT, COMPILING_LIMIT = 110.0, 600.0  # seconds after which no further network is begun
FEWEST = 8  # networks without which there is no fit
PATIENCE = 3  # so many limits may pass until there are enough for a fit
WARM_UP, DURATION = 1.0, 0.6  # seconds per network and batch
FEW, MORE = 1, 8  # the batches where the host computes: a CPU is often asked for a single image
FIRST, GROWTH, LARGEST = 8, 4, 512  # the batches where it queues kernels, tried in this order
BUSY_SPREAD, BUSY_DRIFT = 0.05, 0.1


class Point(NamedTuple):
    """A measured time: seconds per batch, the spread of the samples (None with too few), the amount of every term."""

    network: str
    batch: int
    seconds: float
    spread: float | None
    amounts: dict[str, int]


class Points(NamedTuple):
    """All points of a calibration, in order; `drift` is how the time of the first changed until the end."""

    points: Sequence[Point]
    drift: float

    @property
    def networks(self) -> list[str]:
        """The networks that were measured."""
        return list(dict.fromkeys(point.network for point in self.points))

    @property
    def spreads(self) -> list[float]:
        """The spread of every point that has enough samples for one."""
        return [point.spread for point in self.points if point.spread is not None]

    @property
    def busy(self) -> str | None:
        """Why other work must have disturbed the times; None if nothing shows it."""
        spread = median(self.spreads or [0.0])
        reasons = [f"the times of a network spread by {spread:.0%}"] if spread > BUSY_SPREAD else []
        if abs(self.drift) > BUSY_DRIFT:
            reasons.append(f"the first network took {abs(self.drift):.0%} {'more' if self.drift > 0 else 'less'} later")
        return " and ".join(reasons) or None


def measure_points(device: Device, settings: Settings, networks: Sequence[Named], say: Say) -> Points:
    """Time the networks in order until the limit of time, then the first of them again.

    Raises:
        UsageError: the device fails, or too few networks fit its memory.
    """
    settings.require_sense()
    with faults_of(device.name, "preparing it"):
        device.prepare(settings)
    start, limit = device.now(), COMPILING_LIMIT if settings.compile else LIMIT
    points: list[Point] = []
    done = 0
    for place, named in enumerate(networks, 1):
        if device.now() - start > limit * (1 if done >= FEWEST else PATIENCE):
            say(f"out of time: {plural(len(networks) - place + 1, 'network')} not measured")
            break
        say(f"{place} of {len(networks)}: {named.name}")
        found = _points_of(device, settings, named, say)
        points += found
        done += bool(found)
    if done < FEWEST:
        late = f" in {device.now() - start:.0f} s" if device.now() - start > limit else ""
        raise UsageError(
            f"{device.name}: {plural(done, 'network')} could be measured{late}, a fit takes {FEWEST} at least"
        )
    first = next(named for named in networks if named.name == points[0].network)
    say(f"{first.name} again")
    again = _points_of(device, settings, first, say)
    return Points(points, again[0].seconds / points[0].seconds - 1 if again else 0.0)


def _points_of(device: Device, settings: Settings, named: Named, say: Say) -> list[Point]:
    """The points of a network; none if it does not fit the memory."""
    setting = setting_of(settings)
    kernels = kernels_in(named.graph, setting)
    sums = totals(kernels, setting.dtype)
    subject: Subject | None = None
    try:
        with faults_of(device.name, f"{named.name}, calibrating"):
            subject = Subject(named.graph, settings, device, Solo())
            timed = list(_times(device, subject, 2 * HOST * len(kernels)))
    except NoRoomError:
        say(f"{named.name} does not fit, and is left out")
        return []
    finally:
        if subject is not None:
            subject.forget()
        subject = None
        device.release()
    return [Point(named.name, batch, each.median, _spread(each), amounts_at(sums, batch)) for batch, each in timed]


def _spread(summary: Summary) -> float | None:
    """The width of the middle half, as a share of the median; None if the samples are too few to show it."""
    return None if summary.interval is None else summary.spread


def _times(device: Device, subject: Subject, least: float) -> Iterator[tuple[int, Summary]]:
    """The times of two batches; of one that takes so many seconds at least where a host queues the kernels."""
    if not device.queues:
        for batch in (FEW, MORE):
            yield batch, _time(device, subject.call(batch))
        return
    batch, call = FIRST, subject.call(FIRST)
    while _seconds(device, call) < least and batch < LARGEST:
        batch *= GROWTH
        try:
            call = subject.call(batch)
            call()
            device.wait()
        except Exception as error:
            if not has_no_room(error):
                raise
            batch //= GROWTH
            subject.forget()
            device.release()
            call = subject.call(batch)
            break
    yield batch, _time(device, call)


def _seconds(device: Device, call: Call) -> float:
    call()
    device.wait()
    return min(device.durations(call, 1, 3))


def _time(device: Device, call: Call) -> Summary:
    call()  # loads, compiles and searches for algorithms
    device.wait()
    samples = warm_samples(device, call)
    calls, _ = warm_up(samples, WARM_UP, Solo())
    return summarise(measure(samples, calls, DURATION, Solo()))
