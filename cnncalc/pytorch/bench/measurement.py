"""Measure one network at one batch, in an order in which no measurement disturbs the next.

Memory is counted on warm calls, before a graph allocates a pool of its own; times are measured before the profiler
runs, since it hooks into the driver; the graph is released before layers are timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from cnncalc.analysis.parameters import Parameters, parameters_of
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.device import Call, Device
from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.faults import DeviceError, NoRoomError, faults_of
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
from cnncalc.pytorch.bench.timing.timing import Timing, time_call

SHORT = 0.5  # seconds at most to measure the phases of a step


class Measured(NamedTuple):
    """A run, and the fault after its timing that left some of its other figures missing, if there was one."""

    run: Run
    fault: CnncalcError | KeyboardInterrupt | None


class Measurement:
    """The measurement of a subject on a device; `run` times it at a batch."""

    def __init__(
        self, device: Device, settings: Settings, team: Team, named: Named, subject: Subject, ceilings: Ceilings
    ) -> None:
        self._device = device
        self._settings = settings
        self._team = team
        self._named = named
        self._subject = subject
        self._ceilings = ceilings

    def run(self, batch: int, notes: Sequence[str] = ()) -> Measured:
        """Measure everything that the settings ask for at a batch, and release all of it from the device.

        Raises:
            NoRoomError, DeviceError: something failed before the run was timed.
        """
        timed: Call | None = None
        extras: dict[str, Any] = {}
        fault: CnncalcError | KeyboardInterrupt | None = None
        try:
            with self._faults(batch):
                call = self._subject.call(batch)
                first, peak, compiled = self._measure_peak(call, batch)
                self._device.begin_peaks()
                timed, extras["setup"], pool = self._capture(call, compiled)
                before = self._device.sensors()
                timing = time_call(self._device, timed, self._settings.duration, self._team, first, self._settings.cold)
            try:
                with self._faults(batch):
                    extras["sensors"] = _pair(before, self._device.sensors())
                    extras["memory"] = self._memory(peak, pool)
                    self._measure_timed_call(timed, extras)
                    timed = None  # a graph holds memory of its own
                    self._device.release()
                    self._measure_other_calls(call, batch, extras)
            except (NoRoomError, DeviceError, KeyboardInterrupt) as error:
                fault = error  # keep the time that has been measured
        finally:
            timed = None
            self._subject.forget()
        return Measured(self._build_run(batch, timing, peak, extras, notes), fault)

    def _faults(self, batch: int) -> AbstractContextManager[None]:
        return faults_of(self._device.name, f"{self._named.name}, batch {batch:,}", self._subject.locate)

    def _measure_timed_call(self, timed: Call, fields: dict[str, Any]) -> None:
        """Add what is measured on the same call that was timed."""
        if self._team.size == 1:
            fields["queueing"] = queueing_of(self._device, timed)
        if self._settings.latency:
            fields["latency"] = latency_of(self._device, timed, self._settings.duration)

    def _measure_other_calls(self, call: Call, batch: int, fields: dict[str, Any]) -> None:
        """Add what is measured on other calls over the same inputs; the profiler runs last."""
        fields["alone"] = self._time_alone()
        fields["phases"] = self._phases()
        fields["layers"] = self._layers(batch)
        if self._team.size == 1:
            fields["kernels"] = self._device.kernels(call)

    def _build_run(self, batch: int, timing: Timing, peak: Peak, extras: dict[str, Any], notes: Sequence[str]) -> Run:
        graph, settings = self._named.graph, self._settings
        item = settings.tensor_dtype.itemsize
        layers = extras.pop("layers", ())
        details = Details(
            parameters=parameters(graph),
            given=self._named.given,
            bytes=None if settings.training else network_bytes(graph, batch, item),
            ranks=self._team.size,
            sheet=sheet_rate(self._device.facts(), settings.dtype),
            cache=self._device.cache,
            **extras,
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

    def _measure_peak(self, call: Call, batch: int) -> tuple[float, Peak, float | None]:
        """The seconds of the first call, the peak in bytes, and the seconds to compile.

        The peak is that of a later call, when everything that persists between calls has been allocated.
        """
        subject, start = self._subject, self._device.now()
        (first,) = self._device.durations(call, 1, 1)
        compiled = self._device.now() - start if self._settings.compile else None
        subject.clear_gradients()
        self._device.release()  # the memory that a search for algorithms took
        held = subject.held_bytes()
        allocated = self._device.peak(call)
        subject.clear_gradients()
        tensors = subject.tensor_bytes(call)
        peak = Peak(
            tensors=None if tensors is None else held + tensors,
            allocated=None if allocated is None else held + allocated,
            predicted=predicted_peak(self._named.graph, self._settings, batch),
        )
        return first, peak, compiled

    def _capture(self, call: Call, compiled: float | None) -> tuple[Call, Setup, int]:
        """The call to time, the seconds to set it up, and the bytes of the CUDA graph's own pool."""
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

    def _time_alone(self) -> float | None:
        """Median seconds of a step without gradient exchange, run by all ranks at once to load the machine alike."""
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


def _pair(before: Sensors | None, after: Sensors | None) -> tuple[Sensors, Sensors] | None:
    return None if before is None or after is None else (before, after)


def call_flops(graph: Graph, settings: Settings, batch: int) -> int:
    """The FLOPs of one call: 2 per multiply-accumulate."""
    macs = training_macs(graph) if settings.training else forward_macs(inference(graph))
    return 2 * macs * batch


def parameters(graph: Graph) -> int | None:
    """The number of parameters of a graph; None if it is not a plain number."""
    count = sum(map(parameters_of, graph.nodes), Parameters()).params
    return count if isinstance(count, int) else None
