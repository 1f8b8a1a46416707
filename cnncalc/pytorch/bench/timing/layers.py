"""Time each layer by marks between layers while the whole network runs, so that each reads its real input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean, median
from typing import NamedTuple

from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.roofline.bounds import Bound, Ceilings, Work, bound_of, inference, work_of
from cnncalc.pytorch.bench.timing.passes import LEAST_STRETCH, Passes
from cnncalc.pytorch.network import Network

FEWEST_PASSES = 5
MOST_PASSES = 1000
LEAD = 1.5  # the device sleeps for LEAD times the host's time to queue a stretch
SHORTEN = 3  # passes that were queued too late before a stretch is halved
MOST_LATE = 12  # such passes in total; after that they count
SHORT = 20e-6  # seconds below which the resolution of events matters, so that a mean is better than a median
TRIMMED = 0.2  # the share that such a mean leaves out at either end
EMPTY = 100  # pairs of marks without work between them


class LayerTime(NamedTuple):
    """One layer at inference: seconds on the device, its work, its bound, and the host's seconds to queue it.

    `host` is None on a device without a queue.
    """

    name: str
    kind: str
    seconds: float
    work: Work
    bound: Bound
    host: float | None = None

    @property
    def share(self) -> float | None:
        """The bound as a share of the time: 1 is as fast as the device allows; None if there is no bound."""
        return self.bound.seconds / self.seconds if self.bound.seconds and self.seconds else None

    @property
    def launch_bound(self) -> bool:
        """Whether the host takes longer to queue the layer than the device takes to run it."""
        return self.host is not None and self.host > self.seconds


class Measured(NamedTuple):
    """Seconds of a layer: on the device, and on the host to queue it (None without a queue)."""

    device: float
    host: float | None


def layer_times(
    device: Device, network: Network, graph: Graph, call: Call, duration: float, cold: bool = False
) -> dict[str, Measured]:
    """The times of each layer by name, over passes that take `duration` seconds in total.

    Args:
        call: one pass of the network, uncompiled.
        cold: whether to clear the shared cache before each layer.
    """
    empty = empty_mark(device)
    times: dict[str, list[float]] = defaultdict(list)
    with Passes(device, network, graph, cold) as passes:
        host = passes.host_times(call)
        _, longest = passes.run(call, 0.0)
        lead, late, spent, count = LEAD * longest, 0, 0.0, 0
        while count < FEWEST_PASSES or (spent < duration and count < MOST_PASSES):
            lap, longest = passes.run(call, lead)
            if not lap.in_time and late < MOST_LATE:
                late += 1
                lead = LEAD * max(lead, longest)
                if late % SHORTEN == 0:  # a longer lead did not help: the queue is full
                    passes.stretch = max(LEAST_STRETCH, passes.stretch // 2)
                continue
            count += 1
            spent += sum(seconds for _, seconds in lap.times)
            for name, seconds in lap.times:
                times[name].append(max(0.0, seconds - empty))
    return {
        name: Measured(typical_time(samples), host[name] if device.queues else None) for name, samples in times.items()
    }


def typical_time(times: list[float]) -> float:
    """The median; for short times a trimmed mean, since events have a resolution of half a microsecond."""
    middle = median(times)
    if middle >= SHORT:
        return middle
    cut = int(TRIMMED * len(times))
    return fmean(sorted(times)[cut : len(times) - cut])


def empty_mark(device: Device) -> float:
    """Seconds on the device between two marks without work: the cost of a mark itself."""
    if not device.queues:
        return 0.0
    device.wait()
    device.head_start(1e-3)
    return median(device.between([device.mark() for _ in range(EMPTY + 1)]))


def layers_of(
    graph: Graph, times: Mapping[str, Measured], batch: int, item: int, ceilings: Ceilings
) -> tuple[LayerTime, ...]:
    """The time, work and bound of every layer that runs at inference."""
    layer_times = []
    for node in inference(graph):
        work, (seconds, host) = work_of(node, batch, item), times[node.name]
        layer_times.append(LayerTime(node.name, node.kind, seconds, work, bound_of(work, ceilings), host))
    return tuple(layer_times)
