"""`cnncalc shapes`: shows the output shape of every layer, and whether its stride fits."""

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.render.view import View


def shapes(
    specs: options.SpecArguments = None,
    inputs: options.InputOption = None,
    settings: options.SetOption = None,
    at: options.AtOption = None,
    formula: Annotated[bool, typer.Option("--formula", help="Show the formula with numbers.")] = False,
    depth: options.DepthOption = None,
    form: options.FormatOption = "table",
    batch: options.BatchOption = "1",
    layout: options.LayoutOption = "chw",
    watch: options.WatchOption = False,
) -> None:
    """Show the output shape of every layer and whether its stride fits.

    Where a stride does not fit, its exact output size is shown, and what no window reads: pixels (a warning, ▲), or
    padding and the gaps between windows (shown dimmed).

    \b
      cnncalc shapes alexnet --input 3x224x224
      cnncalc shapes resnet@50 --depth 1
      cnncalc shapes "maxpool: 3" --input 64x112x112 --formula
    """
    from cnncalc.cli.present import present
    from cnncalc.render.views.shapes import shapes_view

    requested = options.request(inputs, settings, depth, form, batch, layout, at)

    def view_of(report: "Report") -> "View":
        return shapes_view(report, layout=requested.layout, depth=requested.depth, with_formula=formula)

    options.run_or_watch(watch, specs, lambda: present(specs, requested, view_of))
