"""`cnncalc diff`: compares two networks layer by layer, or all networks of a repository with a revision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.lean import AFTER_DASHES
from cnncalc.cli.options import AtOption, DepthOption, FormatOption, InputOption, LayoutOption, SetOption, request
from cnncalc.cli.specs import open_spec
from cnncalc.errors import UsageError
from cnncalc.source.files import exists

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.cli.options import Request
    from cnncalc.devices.device import Device
    from cnncalc.differences.changes import Status
    from cnncalc.differences.difference import Difference
    from cnncalc.differences.limits import Exceeded, Limit
    from cnncalc.prediction.predict import Prediction
    from cnncalc.render.views.diff_time import Times
    from cnncalc.spec import Spec


def diff(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="A B or REV",
            autocompletion=complete_spec,
            show_default=False,
            help="Two networks, as for shapes, or HEAD:net.yaml from git. Or a revision (main, v1..v2, main...HEAD): "
            "all specs that changed since then, in these paths.",
        ),
    ],
    fail_over: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-over",
            metavar="LIMITS",
            show_default=False,
            help="Exit with 1 above params=+5% or macs=+0 (growth), params=30M (maximum). Comma-separated.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Include layers that differ only because of changes elsewhere.")
    ] = False,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="rtx4090|FILE", show_default=False, help="Add the time on a device."),
    ] = None,
    batch: Annotated[str, typer.Option("--batch", metavar="N", help="The batch of --device.")] = "1",
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    depth: DepthOption = None,
    form: FormatOption = "table",
    layout: LayoutOption = "chw",
) -> None:
    """Compare two networks: totals, and every layer added, removed or changed. Or all networks of a repository.

    Layers are aligned, so that inserting or renaming one does not mark the others as changed. --input, --set and --at
    apply to both networks. With a revision, every variant of every spec that changed since then gets a line, and
    --fail-over applies to each; exit code 2 if one is broken now. --device adds the predicted time with its 90%
    interval, as for time (amp, eager, else what the device has a fit for).

    \b
      cnncalc diff resnet@18 resnet@34
      cnncalc diff HEAD:net.yaml net.yaml --fail-over params=+5%,macs=+0
      cnncalc diff resnet@18 resnet@34 --device rtx4090 --batch 256
      cnncalc diff main                             all specs of this repository
      cnncalc diff main --format markdown -- specs/ > comment.md
    """
    from cnncalc.differences.limits import read_limits

    options = request(inputs, settings, depth, form, batch, layout, at)
    limits = read_limits(fail_over or [])
    if device is None and options.batch != 1:
        raise UsageError("--batch: only times depend on it: add --device")
    networks, paths = _split(names, context.meta.get(AFTER_DASHES))
    if len(networks) == 2:
        _diff_networks((networks[0], networks[1]), limits, options, exact, every, device)
    elif device is not None:
        raise UsageError("--device: compares the times of two networks, and of no revision")
    else:
        from cnncalc.cli.revisions import diff_revisions

        diff_revisions(networks[0], paths, limits, options, exact)


def _split(names: list[str], after_dashes: list[str] | None) -> tuple[list[str], list[str]]:
    """Two networks, or a revision and paths.

    Raises:
        UsageError: it is neither.
    """
    paths = after_dashes or []
    networks = names[: len(names) - len(paths)]
    if after_dashes is None and (len(names) > 2 or (len(names) == 2 and Path(names[1]).is_dir())):
        networks, paths = names[:1], names[1:]  # as for git, a revision and paths
    if not networks and len(paths) == 2:
        networks, paths = paths, []
    if len(networks) != 1 and (paths or len(networks) != 2):
        raise UsageError("expected two networks, or a revision and, after '--', paths: cnncalc diff main -- specs/")
    return networks, paths


def _diff_networks(
    names: tuple[str, str], limits: Sequence[Limit], options: Request, exact: bool, every: bool, device: str | None
) -> None:
    from cnncalc.cli.complaints import say
    from cnncalc.cli.layout import check_layout
    from cnncalc.devices.catalog import find_device
    from cnncalc.differences.difference import difference
    from cnncalc.differences.limits import exceeded

    timed_on = None if device is None else find_device(device)
    opened = {names[0]: _open(names[0], names[1], options)}
    if names[1] not in opened:  # one that is named twice is read once: the standard input has no more
        opened[names[1]] = open_spec(names[1], options.inputs)
    for spec in opened.values():
        check_layout(spec, options)
    reports = {name: spec.analyze(options.inputs, options.params) for name, spec in opened.items()}
    old, new = (reports[name].at(**options.at) if options.at else reports[name] for name in names)
    changes = difference(old, new)
    over = exceeded(changes.totals, limits)
    times = None if timed_on is None else (_time(old, timed_on, options.batch), _time(new, timed_on, options.batch))
    _print(changes, names, over, options, exact, every, times)
    if over:
        if options.form in ("json", "csv"):
            for each in over:
                say(f"limit exceeded: {each.sentence}", "error")
        raise typer.Exit(1)


def _open(name: str, other: str, options: Request) -> Spec:
    """Open the first network; a revision in its place gets a hint."""
    try:
        return open_spec(name, options.inputs)
    except UsageError as error:
        from cnncalc.cli.revisions import is_known_revision

        if not is_known_revision(name):
            raise
        if is_known_revision(other) and not exists(other):
            raise UsageError(f"{error}; to compare two revisions: cnncalc diff {name}..{other}") from None
        raise UsageError(f"{error}; for the revision: cnncalc diff {name} -- {other}") from None


def _time(report: Report, device: Device, batch: int) -> Prediction:
    from cnncalc.prediction.predict import predict

    return predict(report.graph, device, device.usual, [batch])[0]


def _print(
    difference: Difference, names: tuple[str, str], over: Sequence[Exceeded], options: Request, exact: bool,
    every: bool, times: Times | None,
) -> None:  # fmt: skip
    from cnncalc.cli.output import write, write_data
    from cnncalc.cli.present import print_view
    from cnncalc.differences.folding import groups
    from cnncalc.render.views.diff import (
        WRITTEN,
        affected_text,
        counts_text,
        layers_view,
        renumbered_text,
        totals_view,
    )

    form, depth, layout = options.form, options.depth, options.layout
    if form == "json":
        from cnncalc.differences.document import to_dict
        from cnncalc.render.formats.json import dump_json

        document = to_dict(difference, names, over)
        if times:
            from cnncalc.render.views.diff_time import times_document

            document["time"] = times_document(times)
        write_data(dump_json(document))
        return
    if form == "markdown":
        from cnncalc.render.formats.diff_markdown import difference_markdown

        write_data(difference_markdown(difference, names, over, depth=depth, layout=layout, exact=exact, times=times))
        return
    shown: tuple[Status, ...] = (*WRITTEN, "affected") if every or form == "csv" else WRITTEN
    changed = groups(difference, shown, depth)
    counts, affected = counts_text(difference, WRITTEN), affected_text(difference)
    notes = [counts, affected + ("" if every else " (--all lists them)") if affected else ""]
    notes.append(renumbered_text(difference))
    layers = layers_view(changed, list(filter(None, notes)), layout=layout, exact=exact)
    if form == "csv":
        print_view(layers, form)
        return
    print_view(totals_view(difference, names, over, layout=layout, exact=exact, times=times), form)
    if changed or any(notes):
        write("\n")
        print_view(layers, form)
