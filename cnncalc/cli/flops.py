"""`cnncalc flops`: counts multiply-accumulates and operations, by any tool's convention, and explains differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options
from cnncalc.cli.completion import complete_convention, complete_count, complete_tools
from cnncalc.errors import UsageError

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.conventions.reconcile import Reconciliation
    from cnncalc.render.view import View
    from cnncalc.render.views.networks import Figure


def flops(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    convention: Annotated[
        str | None,
        typer.Option(
            "--convention",
            metavar="NAME[@VERSION]",
            autocompletion=complete_convention,
            help="Count as another tool does: thop, fvcore, …",
        ),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Show the totals of all tools.")] = False,
    reconcile: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--reconcile",
            metavar="A B",
            autocompletion=complete_count,
            help="Explain the difference of two conventions, or of one and a number.",
        ),
    ] = None,
    live: Annotated[
        str | None,
        typer.Option(
            "--live",
            metavar="TOOLS",
            autocompletion=complete_tools,
            help="Run installed tools on the network, beside our counts: fvcore,thop.",
        ),
    ] = None,
    training: Annotated[bool, typer.Option("--training", help="Forward and backward pass of a training step.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    layout: options.LayoutOption = "chw",
) -> None:
    """Count the MACs and FLOPs of every layer, for one image.

    \b
      cnncalc flops resnet@50 --depth 1
      cnncalc flops resnet@50 --convention thop
      cnncalc flops resnet@50 --compare
      cnncalc flops resnet@50 --reconcile torch fvcore
      cnncalc flops resnet@50 --reconcile macs 4.11G
      cnncalc flops torch:net.py:Net --input 3x224x224 --live fvcore,thop
    """
    from cnncalc.cli.present import present

    requested = options.request(inputs, settings, depth, form, "1", layout, at)
    if (convention is not None) + compare + (reconcile is not None) + (live is not None) + training > 1:
        raise UsageError("--convention, --compare, --reconcile, --live and --training are mutually exclusive")

    if live is not None:
        from cnncalc.cli.live import run_live

        run_live(specs, live, requested)
        return

    def view_of(report: Report) -> View:
        return _view(report, requested, convention, compare, reconcile, training, exact)

    also = "comparison" if compare else "reconciliation" if reconcile else "training" if training else None
    if requested.form == "json" and (also or convention):
        _write_json(specs, requested, convention, also, view_of)
        return

    present(specs, requested, view_of, ("macs",), compared=_comparison_figures(convention, exact))


def _view(
    report: Report,
    requested: options.Request,
    name: str | None,
    compare: bool,
    pair: tuple[str, str] | None,
    training: bool,
    exact: bool,
) -> View:
    from cnncalc.conventions import convention
    from cnncalc.render.views import conventions, flops

    if compare:
        return conventions.compare_view(report, layout=requested.layout)
    if pair:
        return conventions.reconcile_view(report, _reconcile(report, *pair), layout=requested.layout)
    if training:
        return flops.training_view(report, layout=requested.layout, depth=requested.depth, exact=exact)
    tool = convention(name) if name else None
    return flops.flops_view(report, layout=requested.layout, depth=requested.depth, exact=exact, convention=tool)


def _comparison_figures(name: str | None, exact: bool) -> list[Figure]:
    """The figures by which several networks are compared: MACs and FLOPs, or a tool's count."""
    from cnncalc.conventions import convention
    from cnncalc.quantities.amounts import amount_text
    from cnncalc.render.views.networks import Figure

    if name is None:
        return [
            Figure("MACs", "macs", lambda report: (amount_text(report.macs, exact), report.macs)),
            Figure("FLOPs", "flops", lambda report: (amount_text(report.flops, exact), report.flops)),
        ]
    tool = convention(name)

    def count(report: Report) -> tuple[str, object]:
        total = tool.tally(report.graph).total
        return amount_text(total, exact), total

    return [Figure(name, "macs" if name == "macs" else name, count)]


def _reconcile(report: Report, first: str, second: str) -> Reconciliation:
    from cnncalc.conventions.reconcile import explain_number, reconcile
    from cnncalc.quantities.amounts import read_count

    if "," in first:
        raise UsageError(f"--reconcile: expected two names with a space: --reconcile {' '.join(first.split(',', 1))}")
    if first[:1].isdigit():
        tool, number = ("macs", first) if second[:1].isdigit() else (second, first)
        raise UsageError(f"--reconcile: expected a tool, then a tool or a number: --reconcile {tool} {number}")
    if not second[:1].isdigit():
        return reconcile(report.graph, first, second)
    return explain_number(report.graph, first, read_count(second, f"--reconcile {second}"))


def _write_json(
    specs: list[str] | None,
    requested: options.Request,
    name: str | None,
    also: str | None,
    view_of: Callable[[Report], View],
) -> None:
    """Write the documents, with a tool's counts added, or with the rows of the requested view under the key `also`."""
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import analyze_spec
    from cnncalc.cli.specs import spec_names
    from cnncalc.conventions import convention
    from cnncalc.render.formats.json import dump_json

    documents = []
    for spec in spec_names(specs):
        report = analyze_spec(spec, requested)
        document = report.to_dict(("macs",))
        if also:
            document[also] = [row.record for row in view_of(report).rows if row.record is not None]
        elif name:
            document = convention(name).add_counts(document, report.graph)
        documents.append(document)
    write_data(dump_json(documents if len(documents) > 1 else documents[0]))
