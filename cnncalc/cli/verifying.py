"""What `cnncalc verify` does once its options are read and PyTorch is there."""

from __future__ import annotations

import time
from collections.abc import Iterator

import typer
from torch import nn

from cnncalc import shipped
from cnncalc.analysis.cost import macs_of
from cnncalc.analysis.report import Report
from cnncalc.cli.failures import error_text
from cnncalc.cli.options import Request
from cnncalc.cli.output import complain, write
from cnncalc.cli.present import analyze_spec, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.specs import spec_names
from cnncalc.errors import CnncalcError, UsageError
from cnncalc.importers.pytorch import factory
from cnncalc.loading import load
from cnncalc.pytorch import compare_with
from cnncalc.pytorch import verify as verified
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.faults import faults_of
from cnncalc.pytorch.verification.fields import verify_gradients
from cnncalc.pytorch.verification.saved import verify_memory
from cnncalc.pytorch.verification.verification import Verification
from cnncalc.records import NamedTuple
from cnncalc.render.formats.json import dump_json
from cnncalc.render.view import View
from cnncalc.render.views.verify import (
    Confirmed,
    claims_view,
    module_record,
    module_view,
    networks_view,
    record,
    verify_view,
)


class Means(NamedTuple):
    """How specs are confirmed: figures, with real tensors or without; gradients, of all layers or some; memory."""

    execute: bool = False
    gradients: bool = False
    every_layer: bool = False
    memory: bool = False
    device: str | None = None  # where it is executed


def verify_specs(given: list[str] | None, every: bool, means: Means, asked: Request) -> None:
    """Confirm specs, those that ship where `every` is said, and print what was found.

    Raises:
        UsageError: the device is not there.
        typer.Exit: 1 something differs, 2 a spec is at fault.
    """
    if means.device is not None:
        means = means._replace(device=open_device(means.device).place)
    names = list(_shipped()) if every else spec_names(given)
    if len(names) == 1:
        confirmed = [_confirmed(names[0], means, asked)]
        failed = False
    else:
        confirmed, failed = _all(names, means, asked)
    if confirmed:
        _print(confirmed, len(names) > 1, asked)
    if failed:
        raise typer.Exit(2)
    if not all(each.verification.ok for each in confirmed):
        raise typer.Exit(1)


def verify_module(spec: str, place: str, asked: Request) -> None:
    """Hold a spec against a network of the user's own.

    Raises:
        UsageError: it cannot be imported, made or run.
        typer.Exit: 1 something differs.
    """
    report = analyze_spec(spec, asked)
    found = compare_with(report.graph, build_module(place))
    if asked.form == "json":
        write(dump_json({**report.to_dict(), "verification": module_record(found)}))
    else:
        print_view(module_view(found), asked.form)
    if not found.ok:
        raise typer.Exit(1)


def build_module(place: str) -> nn.Module:
    """The network that a factory makes, named as for an import: `package.module:factory` or `model.py:Net`.

    Raises:
        UsageError: there is no such thing, or it makes no `nn.Module`.
    """
    try:
        return factory.find_factory(place.removeprefix("torch:"), {}).network("cpu")
    except UsageError as error:
        raise UsageError(f"--module: {error}") from error


def _shipped() -> Iterator[str]:
    """Verify every variant of every shipped network."""
    for name in shipped.names():
        variants = load(name).variants
        yield from (f"{name}@{variant}" for variant in variants) if variants else (name,)


def _confirmed(name: str, means: Means, asked: Request) -> Confirmed:
    report = analyze_spec(name, asked)
    start = time.perf_counter()
    found = _found(report, means, shrink=asked.inputs is None)
    return Confirmed(report, found, time.perf_counter() - start)


def _found(report: Report, means: Means, shrink: bool) -> Verification:
    if means.gradients:
        return verify_gradients(report.graph, every=means.every_layer, shrink=shrink)
    if means.memory:
        return verify_memory(report.graph, shrink=shrink)
    with faults_of(means.device or "cpu", f"{report.name or 'item'}, verifying it"):
        return verified(report.graph, macs=macs_of, execute=means.execute, device=means.device)


def _all(names: list[str], means: Means, asked: Request) -> tuple[list[Confirmed], bool]:
    """All that could be confirmed; whether a spec was at fault, which is told at once."""
    confirmed: list[Confirmed] = []
    failed = False
    with Progress(len(names)) as progress:
        for index, name in enumerate(names):
            progress.say(f"{name} ({index + 1} of {len(names)})", index)
            try:
                confirmed.append(_confirmed(name, means, asked))
            except CnncalcError as error:
                failed = True
                progress.done()
                complain(error_text(error))
    return confirmed, failed


def _print(confirmed: list[Confirmed], several: bool, asked: Request) -> None:
    if asked.form == "json":
        documents = [_document(each.report, each) for each in confirmed]
        write(dump_json(documents if several else documents[0]))
    else:
        print_view(_view(confirmed, several), asked.form)


def _view(confirmed: list[Confirmed], several: bool) -> View:
    if several:
        return networks_view(confirmed)
    return (verify_view if confirmed[0].verification.compares == "figures" else claims_view)(confirmed[0])


def _document(report: Report, confirmed: Confirmed) -> dict[str, object]:
    return {**report.to_dict(), "verification": record(confirmed.verification)}
