"""Convert runs to a JSON document with the schema `cnncalc-bench/1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.results.run import Details, DeviceMemory, Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.layers import LayerTime

SCHEMA = "cnncalc-bench/1"


def document(
    environment: Mapping[str, str], settings: Settings, runs: Sequence[Run], ended: str | None = None
) -> dict[str, Any]:
    """The document of runs; `ended` says why the rest was not measured, None if the benchmark was completed."""
    return {
        "schema": SCHEMA,
        "environment": dict(environment),
        "settings": settings.to_dict(),
        "ended": ended,
        "runs": [run_record(run) for run in runs],
    }


def run_record(run: Run) -> dict[str, Any]:
    """The record of one run, in seconds, bytes, FLOP/s and bytes/s without prefixes."""
    timing, details = run.timing, run.details
    low, high = timing.interval or (None, None)
    return {
        "network": run.network,
        "inputs": {name: list(shape) for name, shape in run.inputs.items()},
        "set": {name: str(value) for name, value in details.given.items()},
        "parameters": details.parameters,
        "batch": run.batch,
        "seconds": {
            "median": timing.median,
            "low": low,
            "high": high,
            "quartiles": list(timing.summary.quartiles),
            "samples": timing.summary.size,
            "calls_per_sample": timing.calls,
            "first": timing.first,
            "settled": timing.settled,
            "drift": timing.drift,
        },
        "images_per_second": run.images,
        "flops": run.flops,
        "flops_per_second": run.rate,
        "ceilings": {"flops_per_second": run.ceilings.rate, "bytes_per_second": run.ceilings.bandwidth},
        "roofline": {
            "seconds": run.floor,
            "share": run.share,
            "bytes": details.bytes,
            "bytes_per_second": run.bandwidth,
            "intensity": run.intensity,
            "ridge": run.ceilings.ridge,
        },
        "peak_bytes": run.peak._asdict(),
        **_details(run, details),
        "layers": [layer_record(layer) for layer in run.layers],
        "notes": list(run.notes),
    }


def _details(run: Run, details: Details) -> dict[str, Any]:
    """The entries besides times and memory; null if not measured."""
    queueing = details.queueing
    return {
        "device_bytes": None if details.memory is None else _memory(details.memory),
        "latency": None if details.latency is None else details.latency._asdict(),
        "queueing": None if queueing is None else {**queueing._asdict(), "waiting": run.waiting},
        "kernels": details.kernels,
        "data_sheet": {"flops_per_second": details.sheet, "share": run.utilization},
        "setup": details.setup._asdict(),
        "phases": None if details.phases is None else details.phases._asdict(),
        "ranks": {"count": details.ranks, "alone": details.alone, "scaling": run.scaling},
        "sensors": None if details.sensors is None else [reading._asdict() for reading in details.sensors],
    }


def _memory(memory: DeviceMemory) -> dict[str, int | None]:
    return {
        "allocated": memory.peaks.allocated,
        "reserved": memory.peaks.reserved,
        "outside": memory.peaks.outside,
        "graph": memory.graph,
        "buckets": memory.buckets,
        "workspaces": memory.workspaces,
    }


def layer_record(layer: LayerTime) -> dict[str, Any]:
    """The record of one layer of a run."""
    return {
        "name": layer.name,
        "kind": layer.kind,
        "seconds": layer.seconds,
        "flops": layer.work.flops,
        "bytes": layer.work.bytes,
        "bound": layer.bound.by,
        "bound_seconds": layer.bound.seconds,
        "share": layer.share,
        "host_seconds": layer.host,
        "launch_bound": layer.launch_bound,
    }


def require_writable(path: Path, option: str = "--save") -> None:
    """Refuse a file that cannot be written, before anything is measured.

    Raises:
        UsageError: the path is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise UsageError(f"{option}: {path} is a folder: name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {path.parent}")
