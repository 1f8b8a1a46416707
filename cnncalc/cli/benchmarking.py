"""What `cnncalc bench` does once its options are read and PyTorch is there."""

from __future__ import annotations

from pathlib import Path

import typer

from cnncalc.cli.options import Request
from cnncalc.cli.output import complain, write
from cnncalc.cli.present import analyze_spec, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.specs import spec_names
from cnncalc.errors import CnncalcError
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


class Files:
    """Where runs are kept, and the kept ones to compare with; both are looked at before anything is measured."""

    def __init__(self, save: str | None, compare: str | None) -> None:
        self.save = None if save is None else Path(save)
        self.saved = None if compare is None else read_saved(Path(compare))
        if self.save is not None:
            require_writable(self.save)


def _networks(specs: list[str] | None, asked: Request) -> list[Named]:
    found = []
    for name in spec_names(specs):
        report = analyze_spec(name, asked)
        require_numbers(report.graph)
        found.append(Named(report.name or "item", report.graph, asked.params))
    return found


def benchmark(
    specs: list[str] | None, asked: Request, settings: Settings, device: str, batches: Batches, files: Files
) -> None:
    """Confirm the networks, time them, print and keep what was measured.

    Raises:
        UsageError: before anything is measured, where the request cannot be met.
        typer.Exit: 1 not confirmed, 2 a fault on the way, 130 interrupted; what was measured is printed first.
    """
    settings.require_sense()
    require_together(device, settings, batches)
    networks = _networks(specs, asked)
    require_batches(networks, settings, batches)
    if files.saved is not None:
        files.saved.require_same(networks, settings)
    progress = Progress(after=0.0, lines=True)
    say = progress.say if rank() == 0 else _say_nothing
    try:
        opened = open_device(device, local_rank())
        confirm(networks, say)
        with assembled(opened.place) as team:
            measured = _measured(Session(opened, settings, team, say), networks, batches, files)
            progress.done()
            if team.rank == 0 and measured.bench.runs:
                _print(measured, asked)
            _end(measured, files, team)
    except UnconfirmedError as error:
        progress.done()
        if rank() == 0:
            complain(f"cnncalc: {error}")
        raise typer.Exit(1) from None
    finally:
        progress.done()


class Measured(NamedTuple):
    """What was measured, until a fault or an interruption ended it: None where all went well."""

    bench: Bench
    ended: CnncalcError | KeyboardInterrupt | None


def _measured(session: Session, networks: list[Named], batches: Batches, files: Files) -> Measured:
    runs: list[Run] = []
    with faults_of(session.device.name, "reading what it is"):
        where = environment(session.device, session.team)
    bench = Bench(where, session.settings, runs, files.saved)
    try:
        for named in networks:
            for run in session.runs(named, batches):
                runs.append(run)  # noqa: PERF402 - one by one: what ends the rest leaves these
    except (CnncalcError, KeyboardInterrupt) as error:
        return Measured(bench, error)
    return Measured(bench, None)


def _end(measured: Measured, files: Files, team: Team) -> None:
    """Keep what was measured, also where something ended it; say what that was."""
    ended, bench = measured.ended, measured.bench
    if files.save is not None and team.rank == 0 and bench.runs:
        kept = document(bench.environment, bench.settings, bench.runs, _ended(ended))
        files.save.write_text(dump_json(kept), "utf-8")
    if isinstance(ended, CnncalcError):
        complain(f"cnncalc: {ended}" if team.size == 1 else f"cnncalc: rank {team.rank}: {ended}")
        raise typer.Exit(2)
    if ended is not None:
        raise typer.Exit(130)


def _ended(error: CnncalcError | KeyboardInterrupt | None) -> str | None:
    return None if error is None else str(error) or "interrupted"


def _print(measured: Measured, asked: Request) -> None:
    bench = measured.bench
    if asked.form == "json":
        write(dump_json(document(bench.environment, bench.settings, bench.runs, _ended(measured.ended))))
        return
    detailed = [run for run in bench.runs if run.layers]
    if not (detailed and asked.form == "csv"):  # a CSV file is one table
        print_view(bench_view(bench), asked.form)
    if detailed:
        write("" if asked.form == "csv" else "\n")
        print_view(layers_view(detailed, bench.settings), asked.form)


def _say_nothing(text: str) -> None:
    """For ranks other than the first."""
