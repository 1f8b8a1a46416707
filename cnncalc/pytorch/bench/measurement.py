"""All that is measured of one network at one batch, in an order in which no measurement spoils the next.

Memory is counted on calls that are warm, before a graph takes memory of its own; times come before the profiler, which
hooks itself into the driver; the graph is given back before layers are timed.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.parameters import Parameters, parameters_of
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.memory.predicted import predicted_peak
from cnncalc.pytorch.bench.results.run import Details, DeviceMemory, Peak, Run, Setup
from cnncalc.pytorch.bench.roofline.bounds import (
    Ceilings,
    forward_macs,
    inference,
    network_bound,
    network_bytes,
    training_macs,
)
from cnncalc.pytorch.bench.roofline.datasheet import sheet_rate
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named, Subject
from cnncalc.pytorch.bench.team import Team
from cnncalc.pytorch.bench.timing.latency import latency_of
from cnncalc.pytorch.bench.timing.layers import LayerTime, layer_times, layers_of
from cnncalc.pytorch.bench.timing.phases import Phases, phases_of
from cnncalc.pytorch.bench.timing.queueing import queueing_of
from cnncalc.pytorch.bench.timing.timing import time_call

SHORT = 0.5  # seconds at most of measuring what stands beside the time: phases of a step


class Measurement:
    """A subject on a device: `run` times it at a batch."""

    def __init__(
        self, device: Device, settings: Settings, team: Team, named: Named, subject: Subject, ceilings: Ceilings
    ) -> None:
        self._device = device
        self._settings = settings
        self._team = team
        self._named = named
        self._subject = subject
        self._ceilings = ceilings

    def run(self, batch: int, notes: Sequence[str] = ()) -> Run:
        """Everything that the settings ask for, at a batch; nothing of it stays on the device."""
        subject, settings, device = self._subject, self._settings, self._device
        call = subject.call(batch)
        timed: Call | None = None
        try:
            compiling = device.now()
            first, peak = self._peak(call, batch)
            compiled = device.now() - compiling if settings.compile else None
            device.begin_peaks()
            timed, setup, pool = self._captured(call, compiled)
            before = device.sensors()
            timing = time_call(device, timed, settings.duration, self._team, first, settings.cold)
            after = device.sensors()
            memory = self._memory(peak, pool)
            queueing = queueing_of(device, timed) if self._team.size == 1 else None
            latency = latency_of(device, timed, settings.duration) if settings.latency else None
            timed = None  # a graph holds memory of its own
            device.release()
            alone = self._alone()
            phases = self._phases()
            layers = self._layers(batch)
            kernels = device.kernels(call) if self._team.size == 1 else None
        finally:
            timed = None
            subject.forget()
        graph = self._named.graph
        item = settings.tensor_dtype.itemsize
        details = Details(
            parameters=parameters(graph),
            given=self._named.given,
            bytes=None if settings.training else network_bytes(graph, batch, item),
            memory=memory,
            queueing=queueing,
            latency=latency,
            phases=phases,
            kernels=kernels,
            setup=setup,
            alone=alone,
            ranks=self._team.size,
            sensors=None if before is None or after is None else (before, after),
            sheet=sheet_rate(device.facts(), settings.dtype),
            cache=device.cache,
        )
        return Run(
            network=self._named.name,
            inputs=dict(graph.inputs),  # type: ignore[arg-type] # numbers
            batch=batch,
            timing=timing,
            images=self._team.sum(batch / timing.median),
            flops=call_flops(graph, settings, batch),
            ceilings=self._ceilings,
            floor=None if settings.training else network_bound(graph, batch, item, self._ceilings),
            peak=peak,
            layers=layers,
            notes=tuple(notes),
            details=details,
        )

    def _peak(self, call: Call, batch: int) -> tuple[float, Peak]:
        """The first call's seconds, and the bytes at the most: of a later call, when all that stays has been made."""
        subject = self._subject
        (first,) = self._device.durations(call, 1, 1)
        subject.clear_gradients()
        self._device.release()  # what a search for algorithms took
        held = subject.held_bytes()
        allocated = self._device.peak(call)
        subject.clear_gradients()
        tensors = subject.tensor_bytes(call)
        return first, Peak(
            tensors=None if tensors is None else held + tensors,
            allocated=None if allocated is None else held + allocated,
            predicted=predicted_peak(self._named.graph, self._settings, batch),
        )

    def _captured(self, call: Call, compiled: float | None) -> tuple[Call, Setup, int]:
        """What is timed, the seconds to set it up, and the bytes of the graph's own pool."""
        if not self._settings.cuda_graph:
            return call, Setup(compiled), 0
        start = self._device.now()
        graph = self._device.captured(call)
        self._device.wait()
        seconds, after = self._device.now() - start, self._device.peaks()
        return graph, Setup(compiled, seconds), 0 if after is None else after.idle

    def _memory(self, peak: Peak, pool: int) -> DeviceMemory | None:
        peaks = self._device.peaks()
        if peaks is None:
            return None
        known = peak.tensors is not None and peak.allocated is not None
        workspaces = max(0, peak.allocated - peak.tensors) if known else None  # type: ignore[operator]
        buckets = self._subject.gradient_bytes() if self._team.size > 1 else 0
        return DeviceMemory(peaks, pool, buckets, workspaces)

    def _alone(self) -> float | None:
        """Seconds of a step of this rank by itself, all ranks at once so that they share the machine as they train."""
        if self._team.size == 1:
            return None
        step = self._subject.alone()
        (first,) = self._device.durations(step, 1, 1)
        return time_call(self._device, step, self._settings.duration, self._team, first).median

    def _phases(self) -> Phases | None:
        if not self._settings.training:
            return None
        return phases_of(self._device, self._subject.split, min(SHORT, self._settings.duration), self._team)

    def _layers(self, batch: int) -> tuple[LayerTime, ...]:
        settings, graph = self._settings, self._named.graph
        if not settings.per_layer:
            return ()
        eager = self._subject.eager()
        times = layer_times(self._device, self._subject.network, graph, eager, settings.duration, settings.cold)
        return layers_of(graph, times, batch, settings.tensor_dtype.itemsize, self._ceilings)


def call_flops(graph: Graph, settings: Settings, batch: int) -> int:
    """Operations of one call: 2 per multiply-accumulate."""
    macs = training_macs(graph) if settings.training else forward_macs(inference(graph))
    return 2 * macs * batch


def parameters(graph: Graph) -> int | None:
    """All parameters of a graph."""
    found = sum(map(parameters_of, graph.nodes), Parameters()).params
    return found if isinstance(found, int) else None
