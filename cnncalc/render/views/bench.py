"""The views of `cnncalc bench`: a row per network and batch, a table per run for its layers, and a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cnncalc.pytorch.bench.results.record import Saved, layer_record, ratio
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.quantities.measures import bytes_text, interval_text, percent_text, quantity_text, seconds_text, times_text
from cnncalc.quantities.sizes import plural, tensors_text
from cnncalc.render.view import EMPTY, Cell, Column, Row, Section, View

LAYERS = (
    Column("layer"),
    Column("kind", narrow="drop"),
    Column("time", right=True),
    Column("of all", right=True),
    Column("FLOP/s", right=True, narrow="drop"),
    Column("bound", narrow="drop"),
    Column("at best", right=True, narrow="drop"),
    Column("of bound", right=True),
)


class Bench(NamedTuple):
    """What was measured, where, and what it is held against."""

    environment: Mapping[str, str]
    settings: Settings
    runs: Sequence[Run]
    saved: Saved | None = None

    @property
    def several(self) -> bool:
        """Whether there are several networks."""
        return len({run.network for run in self.runs}) > 1


def bench_view(bench: Bench) -> View:
    """A row per network and batch."""
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
    columns += [Column("ratio", right=True)] if bench.several else []
    columns += [Column("to saved", right=True)] if bench.saved else []
    rows = tuple(_row(run, bench) for run in bench.runs)
    title = f"{'a step of training' if training else 'inference'}, {_settings(bench.settings)}"
    return View(title, tuple(_facts(bench)), tuple(columns), (Section("", rows),), tuple(_notes(bench)))


def layers_view(runs: Sequence[Run]) -> View:
    """A row per layer, in the order of execution, run by run."""
    sections = tuple(_layers(run, len(runs) > 1) for run in runs)
    title = "layer by layer" if len(runs) > 1 else f"{runs[0].network}, batch {runs[0].batch:,}: layer by layer"
    return View(title, (), LAYERS, sections, tuple(_whole(run) for run in runs))


def _layers(run: Run, several: bool) -> Section:
    whole = sum(layer.seconds for layer in run.layers)
    heading = f"{run.network}, batch {run.batch:,}" if several else ""
    return Section(heading, tuple(_layer(run, layer, whole) for layer in run.layers))


def _whole(run: Run) -> Cell:
    whole, network = sum(layer.seconds for layer in run.layers), run.timing.median
    return Cell(
        f"{run.network}, batch {run.batch:,}: the layers take {seconds_text(whole)}, each by itself, the network "
        f"{seconds_text(network)}",
        "dim",
    )


def _row(run: Run, bench: Bench) -> Row:
    cells = [
        Cell(run.network, "strong"),
        Cell(f"{run.batch:,}"),
        Cell(seconds_text(run.timing.median)),
        Cell(interval_text(run.timing.interval, run.timing.median), "warning" if run.timing.wide else "plain"),
        Cell(_rate(run.images)),
        Cell(quantity_text(run.rate, "").strip() if run.flops else "—"),
        Cell(percent_text(run.share)),
        Cell(bytes_text(run.peak.measured)),
        Cell(bytes_text(run.peak.predicted)),
    ]
    cells += [Cell(_beside_first(run, bench))] if bench.several else []
    cells += [_beside_saved(run, bench.saved)] if bench.saved else []
    return Row(tuple(cells), 0, _record(run))


def _rate(images: float) -> str:
    return f"{images:,.0f}" if images >= 100 else f"{images:.3g}"


def _beside_first(run: Run, bench: Bench) -> str:
    """Images per second beside the first network's at the same batch."""
    first = bench.runs[0].network
    other = next((r for r in bench.runs if r.network == first and r.batch == run.batch), None)
    return "—" if other is None else times_text(run.images / other.images)


def _beside_saved(run: Run, saved: Saved) -> Cell:
    then = saved.like(run)
    if then is None:
        return Cell("—")
    found = ratio(run, then)
    return Cell(times_text(found.times) + ("" if found.distinct else " ≈"), "strong" if found.distinct else "plain")


def _layer(run: Run, layer: LayerTime, whole: float) -> Row:
    bound, share = layer.bound, layer.share
    cells = (
        Cell(layer.name),
        Cell(layer.kind),
        Cell(seconds_text(layer.seconds)),
        Cell(percent_text(layer.seconds / whole) if whole else ""),
        Cell(quantity_text(layer.work.flops / layer.seconds, "").strip())
        if layer.work.flops and layer.seconds
        else EMPTY,
        Cell(bound.by) if bound.by != "nothing" else EMPTY,
        Cell(seconds_text(bound.seconds)) if bound.seconds else EMPTY,
        Cell(percent_text(share)) if share is not None else EMPTY,
    )
    return Row(cells, 0, {"network": run.network, "batch": run.batch, **layer_record(layer)})


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
    }


def _settings(settings: Settings) -> str:
    flags = {"channels last": settings.channels_last, "compiled": settings.compile, "CUDA graph": settings.cuda_graph}
    return ", ".join([settings.dtype, *(name for name, on in flags.items() if on)])


def _facts(bench: Bench) -> Iterator[tuple[str, str]]:
    told = bench.environment
    on_processor = told["place"] == "cpu"
    where = [told["device"], plural(int(told["threads"]), "thread") if on_processor else told["place"]]
    if "driver" in told:
        where.append(f"driver {told['driver']}")
    yield "device", ", ".join(where)
    yield "with", f"torch {told['torch']}, cnncalc {told['cnncalc']}"
    if "ranks" in told:
        yield "ranks", f"{told['ranks']}, whose images per second are added up; times are those of the first"
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
        yield from _of_run(run)
    if any(run.share > 1 for run in bench.runs):
        yield Cell(
            "above 100%: fast algorithms multiply less than we count, and maps that stay in a cache move nothing"
        )
    if bench.saved:
        yield from _of_comparison(bench, bench.saved)


def _of_run(run: Run) -> Iterator[Cell]:
    where = f"{run.network}, batch {run.batch:,}"
    timing = run.timing
    size = plural(timing.summary.size, "sample")
    if timing.few:
        yield Cell(f"{where}: {size}, too few for an interval: --duration measures longer", "warning")
    if timing.wide:
        half = interval_text(timing.summary.quartiles, timing.median)
        yield Cell(f"{where}: times vary: half of {size} lie in {half}: something else may be running", "warning")
    if not timing.settled:
        yield Cell(f"{where}: had not settled when the warm-up ended", "warning")
    peak = run.peak
    if peak.tensors is not None and peak.allocated is not None and peak.allocated > peak.tensors:
        worked = bytes_text(peak.allocated - peak.tensors)
        yield Cell(f"{where}: libraries worked in {worked} more: {bytes_text(peak.allocated)} in all", "dim")
    yield from (Cell(f"{where}: {note}", "dim") for note in run.notes)


def _of_comparison(bench: Bench, saved: Saved) -> Iterator[Cell]:
    yield Cell(f"to saved: images per second beside {saved.path}; ≈ where the intervals overlap", "dim")
    for difference in saved.differences(bench.environment, bench.settings):
        yield Cell(f"  {difference}", "warning")
    if not any(saved.like(run) for run in bench.runs):
        yield Cell(f"{saved.path} has no run of these networks, inputs and batches", "warning")
