"""`cnncalc sweep`: analyses a network at every point of a grid of parameters and input sizes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.options import column_names, format_option, input_option, read_choice
from cnncalc.errors import UsageError
from cnncalc.limits import MOST_JOBS, MOST_SHOWN
from cnncalc.quantities.given import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.sweeps.block import Block
    from cnncalc.sweeps.grid import NetworkText
    from cnncalc.sweeps.sweep import Sweep
    from cnncalc.sweeps.timing import Timing
    from cnncalc.sweeps.where import Objective

FORMATS = ("table", "csv", "jsonl", "markdown", "html")
STREAMED = ("csv", "jsonl")
SETTING = re.compile(r"[A-Za-z_]\w*=.+", re.DOTALL)


def sweep(
    specs: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEC",
            autocompletion=complete_spec,
            show_default=False,
            help="One or more, as for shapes; resnet@{18,34,50} gives three.",
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUES",
            show_default=False,
            help="start:stop:step (stop is included if reached), {a,b,c}, or one value.",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        input_option("3x{160,192,224} (the last size applies to all remaining axes), 3x{32:512:32}x{64,128}."),
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="CONDITION", help="Keep 'params < 5M and output[0] == 10'.")
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option("--pareto", metavar="LIST", help="Keep the Pareto front: params,macs (-params to maximize)."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="LIST",
            show_default=False,
            help="params, trainable, buffers, macs, flops, peak_memory, activation_memory, layers, fits",
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="rtx4090|FILE", show_default=False, help="Add the predicted time on a device.")
    ] = None,
    batch: Annotated[str, typer.Option(metavar="N", help="The batch of --device.")] = "1",
    jobs: Annotated[
        str | None, typer.Option("--jobs", "-j", metavar="N", show_default=False, help="Number of processes (joblib).")
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            "--backend", metavar="NAME", show_default=False, help="joblib back end: loky, threading, dask, ray, …"
        ),
    ] = None,
    form: Annotated[
        str,
        format_option(FORMATS, "Output format; csv and jsonl are streamed, html is a page that draws the points."),
    ] = "table",
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", show_default=False, help="The file of --format html (default: open it)."
        ),
    ] = "",
) -> None:
    """Compute figures over a grid of widths, depths, variants and input sizes.

    Input sizes are evaluated with closed forms: a million of them take seconds. A point that is not a valid network
    says why; the exit code is 2 if no point is valid.

    \b
      cnncalc sweep mobilenet_v2 --set width=0.5:1.5:0.25 --input '3x{160,224}'
      cnncalc sweep resnet@{18,34,50} --input '3x{128:256:32}' --where 'macs < 2G'
      cnncalc sweep mobilenet_v2 --set width=0.25:2:0.05 --input '3x{96:288:32}' \\
        --pareto=-params,macs
      cnncalc sweep mobilenet_v2 --set width=0.25:2:0.05 --input '3x{96:288:32}' \\
        --format html -o points.html
      cnncalc sweep mobilenet_v2 --set width=0.5:2:0.25 --device rtx4090 \\
        --where 'time < 50ms' --pareto=-params,time
      cnncalc sweep resnet --set 'depths={[2,2,2,2],[3,4,6,3]}' \\
        --input '3x{32:1024}' --format csv > grid.csv
    """
    from cnncalc.cli.saving import require_other_file
    from cnncalc.cli.specs import spec_names
    from cnncalc.sweeps.sweep import Sweep
    from cnncalc.sweeps.where import objectives

    chosen = read_choice("--format", form, FORMATS)
    workers = whole_number("--jobs", jobs, MOST_JOBS) if jobs else None
    if output and chosen != "html":
        raise UsageError(f"-o {output}: names the file of --format html; write {chosen} to a file with '> FILE'")
    timing = _timing(device, batch)
    names, settings, inputs = _separate(specs, settings or [], inputs or [])
    given = spec_names(names)
    require_other_file("-o", output, given)
    networks = [each for name in given for each in _networks(name)]
    figures = _columns(columns)
    if chosen == "html":
        best = objectives(pareto) if pareto is not None else []
        figures = tuple(dict.fromkeys((*figures, *(name for each in best for name in each.figures))))
        swept = Sweep(networks, settings, inputs, figures, where, None, workers, backend, timing)
        _draw(swept, best, output)
    else:
        swept = Sweep(networks, settings, inputs, figures, where, pareto, workers, backend, timing)
        _print(swept, _track_progress(swept, chosen), chosen)
    if swept.selection.seen and swept.selection.invalid == swept.selection.seen:
        raise typer.Exit(2)


def _separate(given: list[str], settings: list[str], inputs: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Separate names from settings and inputs that a shell expanded: --input 3x{160,192} arrives as 3x160 3x192."""
    from cnncalc.sweeps.inputs import is_shape

    names: list[str] = []
    for each in given:
        if is_shape(each.rpartition("=")[2]):
            inputs = [*inputs, each]
        elif SETTING.fullmatch(each):
            settings = [*settings, each]
        else:
            names.append(each)
    if not names:
        raise UsageError("no SPEC given: name a file or a shipped network ('cnncalc list')")
    return names, settings, inputs


def _networks(name: str | Path) -> Iterator[NetworkText]:
    from cnncalc.cli.specs import open_spec
    from cnncalc.loading.names import is_code
    from cnncalc.sweeps.grid import NetworkText

    if isinstance(name, Path):
        yield NetworkText.of(open_spec(name))
        return
    several = re.fullmatch(r"([^{}\s]+@)\{([^{}]+)\}", name)
    for each in [several[1] + variant.strip() for variant in several[2].split(",")] if several else [name]:
        if is_code(each):
            how = f"cnncalc import {each} --input 3xHxW -o net.yaml"
            raise UsageError(f"a sweep needs a spec: {how}, then sweep net.yaml")
        yield NetworkText.of(open_spec(each))


def _timing(device: str | None, batch: str) -> Timing | None:
    from cnncalc.devices.catalog import find_device
    from cnncalc.limits import LARGEST_BATCH
    from cnncalc.sweeps.timing import Timing

    size = whole_number("--batch", batch, LARGEST_BATCH)
    if device is None:
        if size > 1:
            raise UsageError("--batch is that of a predicted time: add --device rtx4090")
        return None
    return Timing(find_device(device), size)


def _columns(text: str | None) -> tuple[str, ...]:
    from cnncalc.analysis.figures import FIGURES
    from cnncalc.sweeps.grid import SHOWN

    return SHOWN if text is None else column_names(text, FIGURES)


def _track_progress(swept: Sweep, form: str) -> Iterator[Block]:
    """Yield the blocks of kept points; progress is shown unless the points are streamed to the terminal."""
    from cnncalc.cli.output import is_terminal
    from cnncalc.cli.progress import Progress

    silent = form in STREAMED and is_terminal()
    with Progress(swept.points) as progress:
        for block in swept.blocks():
            yield block
            if not silent:
                progress.say(f"{swept.selection.seen:,} of {swept.points:,} points", swept.selection.seen)


def _print(swept: Sweep, blocks: Iterator[Block], form: str) -> None:
    from cnncalc.cli.complaints import say
    from cnncalc.cli.output import write_data
    from cnncalc.render.views.sweep import csv_header, csv_lines, json_lines

    if form not in STREAMED:
        rows = _collect_rows(blocks)
        _print_table(swept, swept.selection.front() if swept.has_front else rows, form)
        return
    lines = csv_lines if form == "csv" else json_lines
    if form == "csv":
        write_data(csv_header(swept.names))
    for block in blocks:
        if block.points:
            write_data(lines(swept.names, block.columns()))
    if rows := swept.selection.front():
        write_data(lines(swept.names, list(zip(*rows, strict=True))))
    for note in _notes(swept):
        say(note)


def _draw(swept: Sweep, objectives: Sequence[Objective], output: str) -> None:
    """Write the page of a sweep: with objectives, all points, and those of the front marked."""
    from cnncalc.cli.complaints import say
    from cnncalc.cli.pages import deliver
    from cnncalc.page.page import SweepPage

    for each in objectives:
        each.bind(swept.names)
    rows = _collect_rows(_track_progress(swept, "html"))
    notes = _all_notes(swept, len(rows))
    if rows:
        deliver(SweepPage(swept.names, rows, notes, objectives), output)
    else:
        for note in notes:
            say(note)


def _collect_rows(blocks: Iterator[Block]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for block in blocks:
        rows += block.rows()
        _require_few(rows)
    return rows


def _require_few(rows: Sequence[object]) -> None:
    if len(rows) > MOST_SHOWN:
        raise UsageError(
            f"more than {MOST_SHOWN:,} points to show: --format csv or jsonl writes them as they come, "
            "--where and --pareto choose among them"
        )


def _print_table(swept: Sweep, rows: Sequence[tuple[object, ...]], form: str) -> None:
    from cnncalc.cli.complaints import say
    from cnncalc.cli.present import print_view
    from cnncalc.render.views.sweep import sweep_view

    _require_few(rows)
    notes = _all_notes(swept, len(rows))
    if rows:
        print_view(sweep_view(swept.names, rows, notes), "markdown" if form == "markdown" else "table")
    else:
        for note in notes:
            say(note)


def _all_notes(swept: Sweep, kept: int) -> list[str]:
    """How many points were kept, and why others were not."""
    from cnncalc.quantities.sizes import plural

    seen = swept.selection.seen
    points = plural(seen, "point")
    return [points if kept == seen else f"{kept:,} of {points}", *_notes(swept)]


def _notes(swept: Sweep) -> Iterator[str]:
    from cnncalc.quantities.sizes import plural

    selection, timing = swept.selection, swept.grid.timing
    seen = plural(selection.seen, "point")
    if selection.invalid:
        yield f"{selection.invalid:,} of {seen} {_verb(selection.invalid)} invalid, the first: {selection.reason}"
    if selection.unknown:
        yield f"{selection.unknown:,} of {seen} {_verb(selection.unknown)} omitted: a required figure is not known"
    if timing is not None:
        waits = "; it is not known where kernels are so short that the device may wait for the host: a larger --batch"
        yield (
            f"time: predicted, of a batch of {timing.batch:,} on {timing.device.key} ({timing.device.usual})"
            f"{waits if timing.device.queues else ''}"
        )


def _verb(count: int) -> str:
    return "is" if count == 1 else "are"
