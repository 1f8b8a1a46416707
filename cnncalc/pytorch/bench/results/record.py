"""Runs as a JSON document, `cnncalc-bench/1`: written, read back, and held against the runs of today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.layers import LayerTime

SCHEMA = "cnncalc-bench/1"
LARGEST_FILE = 64 << 20  # bytes
# How a run is set up, as far as its times depend on it.
COMPARED = ("dtype", "mode", "channels_last", "compile", "cuda_graph")


class SavedRun(NamedTuple):
    """What a comparison needs of a run: seconds of a call, and the interval of their median."""

    network: str
    inputs: Mapping[str, tuple[int, ...]]
    batch: int
    median: float
    interval: tuple[float, float] | None
    images: float


class Saved(NamedTuple):
    """A saved benchmark."""

    path: str
    environment: Mapping[str, str]
    settings: Mapping[str, Any]
    runs: tuple[SavedRun, ...]

    def like(self, run: Run) -> SavedRun | None:
        """The saved run of the same network, input and batch."""
        return next(
            (s for s in self.runs if (s.network, s.inputs, s.batch) == (run.network, run.inputs, run.batch)), None
        )

    def differences(self, environment: Mapping[str, str], settings: Settings) -> list[str]:
        """What was otherwise then: "torch: 2.12.0 then, 2.13.0 now"."""
        asked = {name: str(value) for name, value in settings.to_dict().items() if name in COMPARED}
        then = {**self.environment, **{name: str(self.settings.get(name)) for name in asked}}
        now = {**environment, **asked}
        names = [*now, *(name for name in then if name not in now)]
        return [
            f"{name}: {then.get(name, 'not there')} then, {now.get(name, 'not there')} now"
            for name in names
            if then.get(name) != now.get(name)
        ]


class Ratio(NamedTuple):
    """How many times as fast as another; `distinct`: their intervals have nothing in common (None: one has none)."""

    times: float
    distinct: bool | None


def ratio(run: Run, then: SavedRun) -> Ratio:
    """Today's run beside a saved one."""
    mine, its = run.timing.interval, then.interval
    distinct = None if mine is None or its is None else mine[1] < its[0] or its[1] < mine[0]
    return Ratio(run.images / then.images, distinct)


def document(environment: Mapping[str, str], settings: Settings, runs: Sequence[Run]) -> dict[str, Any]:
    """The document of runs."""
    return {
        "schema": SCHEMA,
        "environment": dict(environment),
        "settings": settings.to_dict(),
        "runs": [run_record(run) for run in runs],
    }


def run_record(run: Run) -> dict[str, Any]:
    """One run; seconds, bytes, and FLOP/s without prefixes."""
    timing = run.timing
    low, high = timing.interval or (None, None)
    return {
        "network": run.network,
        "inputs": {name: list(shape) for name, shape in run.inputs.items()},
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
        },
        "images_per_second": run.images,
        "flops": run.flops,
        "flops_per_second": run.rate,
        "ceilings": {"flops_per_second": run.ceilings.rate, "bytes_per_second": run.ceilings.bandwidth},
        "roofline": {"seconds": run.floor, "share": run.share},
        "peak_bytes": run.peak._asdict(),
        "layers": [layer_record(layer) for layer in run.layers],
        "notes": list(run.notes),
    }


def layer_record(layer: LayerTime) -> dict[str, Any]:
    """One layer of a run."""
    return {
        "name": layer.name,
        "kind": layer.kind,
        "seconds": layer.seconds,
        "flops": layer.work.flops,
        "bytes": layer.work.bytes,
        "bound": layer.bound.by,
        "bound_seconds": layer.bound.seconds,
        "share": layer.share,
    }


def read_saved(path: Path) -> Saved:
    """A benchmark that `--save` wrote.

    Raises:
        UsageError: there is no such file, or it is not one.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{path}: too large for a saved benchmark")
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is not JSON: a file that 'cnncalc bench --save' wrote is expected") from None
    try:
        if found["schema"] != SCHEMA:
            raise UsageError(f"{path}: its schema is {found['schema']}, not {SCHEMA}: save the run again")
        return Saved(str(path), dict(found["environment"]), dict(found["settings"]), tuple(map(_run, found["runs"])))
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path} is not a benchmark that 'cnncalc bench --save' wrote") from None


def _run(found: Mapping[str, Any]) -> SavedRun:
    seconds = found["seconds"]
    interval = None if seconds["low"] is None else (float(seconds["low"]), float(seconds["high"]))
    inputs = {str(name): tuple(map(int, shape)) for name, shape in found["inputs"].items()}
    batch, images = int(found["batch"]), float(found["images_per_second"])
    if images <= 0:
        raise ValueError(images)
    return SavedRun(str(found["network"]), inputs, batch, float(seconds["median"]), interval, images)


def require_writable(path: Path) -> None:
    """Refuse a file that could not be written, before anything is measured.

    Raises:
        UsageError: its folder is not there, or it is one.
    """
    if path.is_dir():
        raise UsageError(f"--save: {path} is a folder: name a file")
    if not path.parent.is_dir():
        raise UsageError(f"--save: there is no folder {path.parent}")
