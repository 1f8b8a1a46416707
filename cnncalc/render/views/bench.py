"""Builds the view of `cnncalc bench`: a row per network and batch, compared with a saved run if one is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.results.saved import Saved, ratio
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.bytes import measured_bytes_text
from cnncalc.quantities.measures import interval_text, quantity_text, seconds_text, times_text
from cnncalc.quantities.shares import percent_text
from cnncalc.quantities.sizes import plural, tensors_text
from cnncalc.records import NamedTuple
from cnncalc.render.view import Cell, Column, Row, Section, View
from cnncalc.render.views.bench_notes import explain_excess, run_notes

VERSIONS = {"torch": "torch", "driver": "driver", "cuda": "CUDA", "cudnn": "cuDNN", "cnncalc": "cnncalc"}
PERCENTILES = ("p50", "p95", "p99")


class Bench(NamedTuple):
    """Measured runs, their environment and settings, and the saved runs to compare with."""

    environment: Mapping[str, str]
    settings: Settings
    runs: Sequence[Run]
    saved: Saved | None = None

    @property
    def several(self) -> bool:
        """Whether there are several networks."""
        return len({run.network for run in self.runs}) > 1


def bench_view(bench: Bench) -> View:
    """Build the table of runs: a row per network and batch."""
    training = bench.settings.training
    columns = [
        Column("network"),
        Column("batch", right=True),
        Column("time", right=True),
        Column("95% interval", right=True, narrow="drop"),
        Column("images/s", right=True),
        Column("FLOP/s", right=True, narrow="drop"),
        Column("of matrix rate" if training else "of roofline", right=True, narrow="drop"),
        Column("peak", right=True, narrow="drop"),
        Column("predicted", right=True, narrow="drop"),
    ]
    columns += [Column(name, right=True) for name in PERCENTILES] if bench.settings.latency else []
    columns += [Column("ratio", right=True)] if bench.several else []
    columns += [Column("to saved", right=True)] if bench.saved else []
    rows = tuple(_row(run, bench) for run in bench.runs)
    title = f"{'a step of training' if training else 'inference'}, {_settings_text(bench.settings)}"
    return View(title, tuple(_facts(bench)), tuple(columns), (Section("", rows),), tuple(_notes(bench)))


def _row(run: Run, bench: Bench) -> Row:
    cells = [
        Cell(run.network, "strong"),
        Cell(f"{run.batch:,}"),
        Cell(seconds_text(run.timing.median)),
        Cell(interval_text(run.timing.interval, run.timing.median), "warning" if run.timing.wide else "plain"),
        Cell(_rate_text(run.images)),
        Cell(quantity_text(run.rate, "").strip() if run.flops else "—"),
        Cell(percent_text(run.share)),
        Cell(measured_bytes_text(run.device_peak)),
        Cell(measured_bytes_text(run.peak.predicted)),
    ]
    cells += [Cell(_latency(run, name)) for name in PERCENTILES] if bench.settings.latency else []
    cells += [Cell(_ratio_to_first(run, bench))] if bench.several else []
    cells += [_ratio_to_saved(run, bench.saved)] if bench.saved else []
    return Row(tuple(cells), 0, _record(run))


def _latency(run: Run, name: str) -> str:
    seconds = _percentile(run, name)
    return "—" if seconds is None else seconds_text(seconds)


def _percentile(run: Run, name: str) -> float | None:
    return None if run.details.latency is None else getattr(run.details.latency, name)


def _rate_text(images: float) -> str:
    return f"{images:,.0f}" if images >= 100 else f"{images:.3g}"


def _ratio_to_first(run: Run, bench: Bench) -> str:
    """Format images per second relative to the first network at the same batch; a dash if it has no such run."""
    first = bench.runs[0].network
    other = next((r for r in bench.runs if r.network == first and r.batch == run.batch), None)
    return "—" if other is None else times_text(run.images / other.images)


def _ratio_to_saved(run: Run, saved: Saved) -> Cell:
    then = saved.like(run)
    if then is None:
        return Cell("—")
    comparison = ratio(run, then)
    return Cell(
        times_text(comparison.times) + ("" if comparison.distinct else " ≈"),
        "strong" if comparison.distinct else "plain",
    )


def _record(run: Run) -> dict[str, object]:
    timing = run.timing
    low, high = timing.interval or (None, None)
    return {
        "network": run.network,
        "batch": run.batch,
        "seconds": timing.median,
        "low": low,
        "high": high,
        "samples": timing.summary.size,
        "images_per_second": run.images,
        "flops_per_second": run.rate,
        "share": run.share,
        "peak_tensor_bytes": run.peak.tensors,
        "peak_allocated_bytes": run.peak.allocated,
        "predicted_bytes": run.peak.predicted,
        "device_allocated_bytes": None if run.details.memory is None else run.details.memory.peaks.allocated,
        "device_reserved_bytes": None if run.details.memory is None else run.details.memory.peaks.reserved,
        **{name: _percentile(run, name) for name in PERCENTILES},
    }


def _settings_text(settings: Settings) -> str:
    flags = {
        "channels last": settings.channels_last,
        "compiled": settings.compile,
        "CUDA graph": settings.cuda_graph,
        "cold L2": settings.cold,
    }
    return ", ".join([settings.dtype, *(name for name, on in flags.items() if on)])


def _facts(bench: Bench) -> Iterator[tuple[str, str]]:
    environment = bench.environment
    on_processor = environment["place"] == "cpu"
    where = [
        environment["device"],
        plural(int(environment["threads"]), "thread") if on_processor else environment["place"],
    ]
    where += [environment[name] for name in ("memory",) if name in environment]
    where += [f"{name} {environment[name]}" for name in ("power limit", "ecc", "mig") if name in environment]
    yield "device", ", ".join(where)
    versions = [f"{label} {environment[name]}" for name, label in VERSIONS.items() if name in environment]
    yield "with", ", ".join(versions)
    if "ranks" in environment:
        yield "ranks", f"{environment['ranks']}; images per second are summed, times are those of the first"
    for run in bench.runs[:1]:
        ceilings = run.ceilings
        yield (
            "ceilings",
            (
                f"{quantity_text(ceilings.rate, 'FLOP/s')} ({bench.settings.dtype} matrix product), "
                f"{quantity_text(ceilings.bandwidth, 'B/s')} (copy: read and written)"
            ),
        )
    inputs = {run.network: tensors_text(run.inputs) for run in bench.runs}
    yield "input", ", ".join(inputs.values() if len(inputs) == 1 else (f"{n} {i}" for n, i in inputs.items()))


def _notes(bench: Bench) -> Iterator[Cell]:
    for run in bench.runs:
        yield from run_notes(run)
    if any(run.share > 1 for run in bench.runs):
        yield Cell(explain_excess(bench.settings))
    yield Cell(_time_note(bench.settings), "dim")
    if bench.saved:
        yield from _comparison_notes(bench, bench.saved)


def _time_note(settings: Settings) -> str:
    """Say what the time column measures."""
    how = "single calls, each with a cleared L2 cache" if settings.cold else "back-to-back calls (throughput)"
    rest = "p50, p95, p99: latency of one call at a time" if settings.latency else "--latency times one call at a time"
    return f"time: {how}; {rest}"


def _comparison_notes(bench: Bench, saved: Saved) -> Iterator[Cell]:
    yield Cell(
        f"to saved: images per second relative to {saved.path}; ≈ if the intervals overlap or 1% is not passed", "dim"
    )
    for difference in saved.differences(bench.environment, bench.settings):
        yield Cell(f"  {difference}", "warning")
    if not any(saved.like(run) for run in bench.runs):
        yield Cell(f"{saved.path} has no run with these networks, inputs and batches", "warning")
