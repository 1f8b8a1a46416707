"""Runs `cnncalc verify` once its options are read and PyTorch is imported."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from torch import nn

from cnncalc import shipped
from cnncalc.analysis.cost import macs_of
from cnncalc.analysis.report import Report
from cnncalc.cli.complaints import report_error
from cnncalc.cli.options import Request
from cnncalc.cli.output import write_data
from cnncalc.cli.present import analyze_spec, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.specs import spec_names
from cnncalc.errors import CnncalcError, UsageError
from cnncalc.importers.pytorch import factory
from cnncalc.loading import load
from cnncalc.pytorch import compare_with
from cnncalc.pytorch import verify as verify_graph
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
    """What to compare: figures (executed with real tensors or not), gradients (of some or all layers), or memory."""

    execute: bool = False
    gradients: bool = False
    every_layer: bool = False
    memory: bool = False
    device: str | None = None  # on which it is executed


def verify_specs(given: list[str] | None, every: bool, means: Means, request: Request) -> None:
    """Verify the given specs, or all shipped ones if `every`, and print the result.

    Raises:
        UsageError: the device is not available.
        typer.Exit: 1 if anything differs, 2 if a spec has faults.
    """
    if means.device is not None:
        means = means._replace(device=open_device(means.device).place)
    names = list(_shipped_names()) if every else spec_names(given)
    if len(names) == 1:
        confirmed = [_confirm(names[0], means, request)]
        failed = False
    else:
        confirmed, failed = _confirm_all(names, means, request)
    if confirmed:
        _print(confirmed, len(names) > 1, request)
    if failed:
        raise typer.Exit(2)
    if not all(each.verification.ok for each in confirmed):
        raise typer.Exit(1)


def verify_module(spec: str, place: str, request: Request) -> None:
    """Compare a spec with a user's network.

    Raises:
        UsageError: the network cannot be imported, built or run.
        typer.Exit: 1 if anything differs.
    """
    report = analyze_spec(spec, request)
    comparison = compare_with(report.graph, build_module(place))
    if request.form == "json":
        write_data(dump_json({**report.to_dict(), "verification": module_record(comparison)}))
    else:
        print_view(module_view(comparison), request.form)
    if not comparison.ok:
        raise typer.Exit(1)


def build_module(place: str) -> nn.Module:
    """Build the network of a factory, named as for an import: `package.module:factory` or `model.py:Net`.

    Raises:
        UsageError: there is no such thing, or it makes no `nn.Module`.
    """
    try:
        return factory.find_factory(place.removeprefix("torch:"), {}).network("cpu")
    except UsageError as error:
        raise UsageError(f"--module: {error}") from error


def _shipped_names() -> Iterator[str]:
    """Yield the name of every variant of every shipped network."""
    for name in shipped.names():
        variants = load(name).variants
        yield from (f"{name}@{variant}" for variant in variants) if variants else (name,)


def _confirm(name: str | Path, means: Means, request: Request) -> Confirmed:
    report = analyze_spec(name, request)
    start = time.perf_counter()
    verification = _verify(report, means, shrink=request.inputs is None)
    return Confirmed(report, verification, time.perf_counter() - start)


def _verify(report: Report, means: Means, shrink: bool) -> Verification:
    if means.gradients:
        return verify_gradients(report.graph, every=means.every_layer, shrink=shrink)
    if means.memory:
        return verify_memory(report.graph, shrink=shrink)
    with faults_of(means.device or "cpu", f"{report.name or 'item'}, verifying it"):
        return verify_graph(report.graph, macs=macs_of, execute=means.execute, device=means.device)


def _confirm_all(names: Sequence[str | Path], means: Means, request: Request) -> tuple[list[Confirmed], bool]:
    """The verifications that could be made, and whether any spec had faults; faults are reported at once."""
    confirmed: list[Confirmed] = []
    failed = False
    with Progress(len(names)) as progress:
        for index, name in enumerate(names):
            progress.say(f"{name} ({index + 1} of {len(names)})", index)
            try:
                confirmed.append(_confirm(name, means, request))
            except CnncalcError as error:
                failed = True
                progress.done()
                report_error(error)
    return confirmed, failed


def _print(confirmed: list[Confirmed], several: bool, request: Request) -> None:
    if request.form == "json":
        documents = [_document(each.report, each) for each in confirmed]
        write_data(dump_json(documents if several else documents[0]))
    else:
        print_view(_view(confirmed, several), request.form)


def _view(confirmed: list[Confirmed], several: bool) -> View:
    if several:
        return networks_view(confirmed)
    return (verify_view if confirmed[0].verification.compares == "figures" else claims_view)(confirmed[0])


def _document(report: Report, confirmed: Confirmed) -> dict[str, object]:
    return {**report.to_dict(), "verification": record(confirmed.verification)}
