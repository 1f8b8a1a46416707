"""Runs `cnncalc bench` once its options are read and PyTorch is imported."""

from __future__ import annotations

from pathlib import Path

import typer

from cnncalc.cli.complaints import say
from cnncalc.cli.options import Request
from cnncalc.cli.output import write, write_data
from cnncalc.cli.present import analyze_spec, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.saving import require_other_file
from cnncalc.cli.signals import interruptible
from cnncalc.cli.specs import spec_names
from cnncalc.errors import CnncalcError
from cnncalc.graph import require_known
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.faults import faults_of
from cnncalc.pytorch.bench.results.environment import environment
from cnncalc.pytorch.bench.results.record import document, require_writable
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.results.saved import read_saved
from cnncalc.pytorch.bench.session import Batches, Session, UnconfirmedError, confirm, require_batches
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.team import Team, assembled, local_rank, rank, require_together
from cnncalc.pytorch.requirements import require_numbers
from cnncalc.records import NamedTuple
from cnncalc.render.formats.json import dump_json
from cnncalc.render.views.bench import Bench, bench_view
from cnncalc.render.views.bench_layers import layers_view
from cnncalc.source.replacing import replace_text


class Files:
    """The file to save runs to, and the saved runs to compare with; both are checked before anything is measured."""

    def __init__(self, save: str | None, compare: str | None) -> None:
        self.save = None if save is None else Path(save)
        self.read = [] if compare is None else [Path(compare)]
        self.saved = None if compare is None else read_saved(Path(compare))
        if self.save is not None:
            require_writable(self.save)


def _networks(specs: list[str] | None, request: Request) -> list[Named]:
    networks = []
    for name in spec_names(specs):
        report = analyze_spec(name, request)
        require_numbers(report.graph)
        require_known(report.graph, "timed")
        networks.append(Named(report.name or "item", report.graph, request.params))
    return networks


def benchmark(
    specs: list[str] | None, request: Request, settings: Settings, device: str, batches: Batches, files: Files
) -> None:
    """Confirm the networks, time them, then print and save the runs.

    Raises:
        UsageError: the request cannot be met; raised before anything is measured.
        typer.Exit: 1 if not confirmed, 2 after a fault, 130 if interrupted; completed runs are printed first.
    """
    if files.save is not None:
        require_other_file("--save", str(files.save), [*spec_names(specs), *files.read])
    settings.require_sense()
    require_together(device, settings, batches)
    networks = _networks(specs, request)
    require_batches(networks, settings, batches)
    if files.saved is not None:
        files.saved.require_same(networks, settings)
    progress = Progress(after=0.0, lines=True)
    tell = progress.say if rank() == 0 else _say_nothing
    try:
        opened = open_device(device, local_rank())
        confirm(networks, tell)
        with assembled(opened.place) as team:
            measured = _measure(Session(opened, settings, team, tell), networks, batches, files)
            progress.done()
            if team.rank == 0 and measured.bench.runs:
                _print(measured, request)
            _end(measured, files, team)
    except UnconfirmedError as error:
        progress.done()
        if rank() == 0:
            say(str(error), "error")
        raise typer.Exit(1) from None
    finally:
        progress.done()


class Measured(NamedTuple):
    """The completed runs, and the fault or interruption that ended the measurement (None if it completed)."""

    bench: Bench
    error: CnncalcError | KeyboardInterrupt | None


def _measure(session: Session, networks: list[Named], batches: Batches, files: Files) -> Measured:
    runs: list[Run] = []
    with faults_of(session.device.name, "reading what it is"):
        environment_facts = environment(session.device, session.team)
    bench = Bench(environment_facts, session.settings, runs, files.saved)
    try:
        with interruptible():
            for named in networks:
                for run in session.runs(named, batches):
                    runs.append(run)  # noqa: PERF402 - one by one, so that completed runs survive an error
    except (CnncalcError, KeyboardInterrupt) as error:
        return Measured(bench, error)
    return Measured(bench, None)


def _end(measured: Measured, files: Files, team: Team) -> None:
    """Save the completed runs, even after a fault, then report the fault."""
    error, bench = measured.error, measured.bench
    if files.save is not None and team.rank == 0 and bench.runs:
        kept = document(bench.environment, bench.settings, bench.runs, _error_text(error))
        replace_text(files.save, dump_json(kept))
    if isinstance(error, CnncalcError):
        say(str(error) if team.size == 1 else f"rank {team.rank}: {error}", "error")
        raise typer.Exit(2)
    if error is not None:
        raise typer.Exit(130)


def _error_text(error: CnncalcError | KeyboardInterrupt | None) -> str | None:
    return None if error is None else str(error) or "interrupted"


def _print(measured: Measured, request: Request) -> None:
    bench = measured.bench
    if request.form == "json":
        write_data(dump_json(document(bench.environment, bench.settings, bench.runs, _error_text(measured.error))))
        return
    detailed = [run for run in bench.runs if run.layers]
    if not (detailed and request.form == "csv"):  # a CSV file is one table
        print_view(bench_view(bench), request.form)
    if detailed:
        write("" if request.form == "csv" else "\n")
        print_view(layers_view(detailed, bench.settings), request.form)


def _say_nothing(text: str) -> None:
    """Ignore progress, on ranks other than the first."""
