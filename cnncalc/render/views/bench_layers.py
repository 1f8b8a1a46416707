"""Builds the view of `cnncalc bench --per-layer`: a row per layer in execution order, a section per run."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.pytorch.bench.results.record import layer_record
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.timing.layers import LayerTime
from cnncalc.quantities.bytes import measured_bytes_text
from cnncalc.quantities.measures import quantity_text, seconds_text
from cnncalc.quantities.shares import percent_text
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
REMARKS = Column("remark", narrow="below")


def layers_view(runs: Sequence[Run], settings: Settings | None = None) -> View:
    """Build a row per layer, with a column of remarks if any layer has one."""
    settings = settings or Settings()
    with_remarks = any(remark(layer, run.details.cache) for run in runs for layer in run.layers)
    sections = tuple(_section(run, len(runs) > 1, with_remarks) for run in runs)
    title = "layer by layer" if len(runs) > 1 else f"{runs[0].network}, batch {runs[0].batch:,}: layer by layer"
    notes = [_total_note(run) for run in runs]
    if settings.compile or settings.cuda_graph:
        how = " and ".join(
            [name for name, on in (("compiled", settings.compile), ("a CUDA graph", settings.cuda_graph)) if on]
        )
        notes.append(Cell(f"layers are timed eagerly; only the network as a whole is {how}", "dim"))
    return View(title, (), (*LAYERS, REMARKS) if with_remarks else LAYERS, sections, tuple(notes))


def _section(run: Run, several: bool, with_remarks: bool) -> Section:
    whole = sum(layer.seconds for layer in run.layers)
    heading = f"{run.network}, batch {run.batch:,}" if several else ""
    return Section(heading, tuple(_layer_row(run, layer, whole, with_remarks) for layer in run.layers))


def _total_note(run: Run) -> Cell:
    whole, network = sum(layer.seconds for layer in run.layers), run.timing.median
    return Cell(
        f"{run.network}, batch {run.batch:,}: the layers take {seconds_text(whole)}, each by itself, the network "
        f"{seconds_text(network)}",
        "dim",
    )


def _layer_row(run: Run, layer: LayerTime, whole: float, with_remarks: bool) -> Row:
    bound, share = layer.bound, layer.share
    cells = [
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
    ]
    cells += [Cell(remark(layer, run.details.cache), "dim")] if with_remarks else []
    return Row(tuple(cells), 0, {"network": run.network, "batch": run.batch, **layer_record(layer)})


def remark(layer: LayerTime, cache: int | None) -> str:
    """Say why a share exceeds 100%, and whether the layer is launch-bound (the host takes longer than the device)."""
    reasons = [_explain_excess(layer, cache)] if layer.share is not None and layer.share > 1 else []
    reasons += ["launch-bound"] if layer.launch_bound else []
    return ", ".join(reasons)


def _explain_excess(layer: LayerTime, cache: int | None) -> str:
    if layer.bound.by == "compute":
        return "a fast algorithm needs fewer multiplications than counted"
    if cache is not None and layer.work.bytes <= cache:
        return f"its {measured_bytes_text(layer.work.bytes)} fit in the L2 cache ({measured_bytes_text(cache)})"
    if cache is None:
        return "part of its data stays in a cache"
    return f"part of its data stays in the L2 cache ({measured_bytes_text(cache)})"
