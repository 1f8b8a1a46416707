"""Builds the notes below the table of `cnncalc bench`: warnings, and further measurements of each run."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.pytorch.bench.devices.sensors import Sensors
from cnncalc.pytorch.bench.results.run import Details, DeviceMemory, Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.bytes import measured_bytes_text
from cnncalc.quantities.measures import interval_text, quantity_text, seconds_text
from cnncalc.quantities.shares import percent_text
from cnncalc.quantities.sizes import plural
from cnncalc.render.view import Cell


def run_notes(run: Run) -> Iterator[Cell]:
    """Yield every note on a run, warnings first."""
    where = f"{run.network}, batch {run.batch:,}"
    yield from (Cell(f"{where}: {text}", "warning") for text in _warnings(run))
    yield from (Cell(f"{where}: {text}", "dim") for text in (*_facts(run), *run.notes))


def explain_excess(settings: Settings) -> str:
    """Explain why a network exceeds its roofline."""
    fused = ", and fused layers neither write nor read what lies between them" if settings.compile else ""
    return f"above 100%: fast algorithms multiply less than counted, maps that stay in a cache need no traffic{fused}"


def _warnings(run: Run) -> Iterator[str]:
    timing = run.timing
    size = plural(timing.summary.size, "sample")
    if timing.few:
        yield f"{size}, too few for an interval: --duration measures longer"
    if timing.wide:
        half = interval_text(timing.summary.quartiles, timing.median)
        yield f"times vary: half of {size} lie in {half}: something else may be running"
    if not timing.settled:
        yield "had not settled when the warm-up ended"
    if timing.drift is not None:
        way = "slower" if timing.drift > 0 else "faster"
        yield (
            f"{percent_text(abs(timing.drift))} {way} at the end of the measurement than at its start: clocks or "
            "temperature changed; measure longer with --duration"
        )


def _facts(run: Run) -> Iterator[str]:
    details = run.details
    if run.waiting is not None and details.queueing is not None:
        yield _queueing_text(run, run.waiting)
    elif details.queueing is not None:
        yield (
            "a call has more launches than a stream queues; the host takes "
            f"{seconds_text(details.queueing.host)} to queue it"
        )
    traffic = ", ".join(_traffic(run))
    if traffic:
        yield traffic
    yield from _memory(run)
    yield from _setup(details)
    if details.phases is not None:
        parts = zip(details.phases._fields, details.phases, strict=True)
        yield "training step: " + ", ".join(f"{name} {seconds_text(seconds)}" for name, seconds in parts) + " (eager)"
    if run.scaling is not None and details.alone is not None:
        yield (
            f"{details.ranks} ranks reach {percent_text(run.scaling)} of {details.ranks} times the throughput of one "
            f"device, whose step takes {seconds_text(details.alone)}"
        )
    if details.sensors is not None:
        yield _sensors_text(*details.sensors)


def _queueing_text(run: Run, waiting: float) -> str:
    queueing = run.details.queueing
    assert queueing is not None
    assert queueing.device is not None
    bound = "launch-bound" if waiting > 0.1 else "not launch-bound"
    return (
        f"{bound}: the device is idle for {percent_text(waiting)} of the step: the host takes "
        f"{seconds_text(queueing.host)} to queue it, the device {seconds_text(queueing.device)} to run it"
    )


def _traffic(run: Run) -> Iterator[str]:
    if run.details.kernels is not None:
        yield plural(run.details.kernels, "kernel")
    if run.bandwidth is not None and run.intensity is not None:
        yield f"{quantity_text(run.bandwidth, 'B/s')}"
        yield f"{run.intensity:.1f} FLOP/B (ridge point {run.ceilings.ridge:.0f})"
    if run.utilization is not None and run.details.sheet is not None:
        yield f"MFU {percent_text(run.utilization)} of the data sheet's {quantity_text(run.details.sheet, 'FLOP/s')}"


def _memory(run: Run) -> Iterator[str]:
    memory, peak = run.details.memory, run.peak
    if memory is not None:
        yield (
            f"device peak: {measured_bytes_text(memory.peaks.allocated)} allocated, "
            f"{measured_bytes_text(memory.peaks.reserved)} reserved; {_unpredicted_memory(memory, peak.tensors)}"
        )
    elif peak.tensors is not None and peak.allocated is not None and peak.allocated > peak.tensors:
        worked = measured_bytes_text(peak.allocated - peak.tensors)
        yield f"libraries worked in {worked} more: {measured_bytes_text(peak.allocated)} in all"


def _unpredicted_memory(memory: DeviceMemory, tensors: int | None) -> str:
    """List the device memory that the prediction does not cover."""
    outside = {
        "library workspaces": memory.workspaces or 0,
        "CUDA graph pool": memory.graph,
        "DDP buckets": memory.buckets,
        "CUDA context and other processes": memory.peaks.outside,
    }
    sizes = [f"{name} {measured_bytes_text(size)}" for name, size in outside.items() if size]
    own = "" if tensors is None else f"tensors {measured_bytes_text(tensors)}; "
    return own + ("not in the prediction: " + ", ".join(sizes) if sizes else "nothing else")


def _setup(details: Details) -> Iterator[str]:
    if details.setup.compile is not None:
        yield f"compiled in {seconds_text(details.setup.compile)}, including the first call"
    if details.setup.capture is not None:
        yield f"CUDA graph captured in {seconds_text(details.setup.capture)}"


def _sensors_text(before: Sensors, after: Sensors) -> str:
    """Format clock, power and temperature, before the warm-up and after measuring, and what throttled the clock."""
    pairs = (
        ("SM", before.clock, after.clock, "MHz"),
        ("power", before.power, after.power, "W"),
        ("temperature", before.temperature, after.temperature, "°C"),
    )
    readings = [
        f"{name} {_reading_text(then)} → {_reading_text(now)} {unit}"
        for name, then, now, unit in pairs
        if now is not None
    ]
    if after.throttled is not None:
        reasons = ", ".join(dict.fromkeys((*(before.throttled or ()), *after.throttled)))
        readings.append(f"throttled: {reasons}" if reasons else "not throttled")
    return ", ".join(readings)


def _reading_text(reading: float | None) -> str:
    return "—" if reading is None else f"{reading:,.0f}"
