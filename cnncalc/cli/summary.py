"""`cnncalc summary`: shows shapes, parameters, cost, receptive field and memory of every layer in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli import options
from cnncalc.errors import UsageError

if TYPE_CHECKING:
    from cnncalc.analysis.memory.memory import Memory
    from cnncalc.analysis.report import Report
    from cnncalc.render.view import View


def summary(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="LIST",
            help="what, from, output, fit, params, macs, flops, field, stride, activation, …",
        ),
    ] = None,
    batch: Annotated[str, typer.Option("--batch", metavar="N", help="Batch size, for memory.")] = "1",
    dtype: Annotated[
        str, typer.Option("--dtype", metavar="DTYPE", help="Data type for memory: float32, float16, …")
    ] = "float32",
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    layout: options.LayoutOption = "chw",
    watch: options.WatchOption = False,
) -> None:
    """Show all figures in one table, followed by the totals.

    Columns: what, from, output, fit, params, trainable, buffers, share, macs, flops, field, stride, activation.

    \b
      cnncalc summary resnet@50 --depth 1
      cnncalc summary alexnet --format markdown
      cnncalc summary net.yaml --watch
      cnncalc summary vgg@16 --columns output,params,share,flops --exact
    """
    from cnncalc.cli.present import present
    from cnncalc.quantities.given import parse_batch

    requested = options.request(inputs, settings, depth, form, "1", layout, at)
    samples, chosen = parse_batch(batch), None if columns is None else _columns(columns)

    def memory_of(report: Report) -> Memory:
        return report.memory(samples, dtype)

    def view_of(report: Report) -> View:
        from cnncalc.render.views.summary import SHOWN, summary_view

        return summary_view(
            report,
            memory_of(report),
            columns=chosen or SHOWN,
            layout=requested.layout,
            depth=requested.depth,
            exact=exact,
        )

    def document_of(report: Report) -> dict[str, Any]:
        from cnncalc.analysis.memory.record import add_memory

        return add_memory(report.to_dict(("macs", "receptive_field")), memory_of(report))

    options.run_or_watch(watch, specs, lambda: present(specs, requested, view_of, document_of=document_of))


def _columns(text: str) -> tuple[str, ...]:
    from cnncalc.render.views.summary import FIGURES

    names = options.column_names(text, FIGURES)
    if not names:
        raise UsageError(f"--columns: expected some of {', '.join(FIGURES)}")
    return names
