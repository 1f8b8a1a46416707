"""`cnncalc diff`: compares two networks layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_spec
from cnncalc.cli.options import AtOption, DepthOption, FormatOption, InputOption, LayoutOption, SetOption, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.cli.options import Request
    from cnncalc.differences.changes import Status
    from cnncalc.differences.difference import Difference
    from cnncalc.differences.limits import Exceeded

WRITTEN: tuple[Status, ...] = ("removed", "inserted", "edited", "renamed")


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            autocompletion=complete_spec,
            show_default=False,
            help="As for shapes, or HEAD:net.yaml from git.",
        ),
    ],
    after: Annotated[
        str,
        typer.Argument(metavar="B", autocompletion=complete_spec, show_default=False, help="What to compare with A."),
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
    inputs: InputOption = None,
    settings: SetOption = None,
    at: AtOption = None,
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    depth: DepthOption = None,
    form: FormatOption = "table",
    layout: LayoutOption = "chw",
) -> None:
    """Compare two networks: totals, and every layer added, removed or changed.

    Layers are aligned, so that inserting or renaming one does not mark the others as changed. --input, --set and --at
    apply to both networks.

    \b
      cnncalc diff resnet@18 resnet@34
      cnncalc diff HEAD:net.yaml net.yaml --fail-over params=+5%,macs=+0
      cnncalc diff main:net.yaml net.yaml --format markdown > comment.md
    """
    from cnncalc.cli.output import complain
    from cnncalc.cli.specs import open_spec
    from cnncalc.differences.difference import difference
    from cnncalc.differences.limits import exceeded, read_limits

    options = request(inputs, settings, depth, form, "1", layout, at)
    limits = read_limits(fail_over or [])
    names = dict.fromkeys((before, after))  # one that is named twice is read once: the standard input has no more
    reports = {name: open_spec(name, options.inputs).analyze(options.inputs, options.params) for name in names}
    old, new = (reports[name].at(**options.at) if options.at else reports[name] for name in (before, after))
    changes = difference(old, new)
    over = exceeded(changes, limits)
    _print(changes, (before, after), over, options, exact, every)
    if over:
        if options.form in ("json", "csv"):
            for each in over:
                complain(f"cnncalc: limit exceeded: {each.sentence}")
        raise typer.Exit(1)


def _print(
    difference: Difference, names: tuple[str, str], over: Sequence[Exceeded], options: Request, exact: bool, every: bool
) -> None:
    from cnncalc.cli.output import write
    from cnncalc.cli.present import print_view
    from cnncalc.differences.document import to_dict
    from cnncalc.differences.folding import groups
    from cnncalc.render.formats.diff_markdown import comment
    from cnncalc.render.formats.json import dump_json
    from cnncalc.render.views.diff import affected_text, counts_text, layers_view, renumbered_text, totals_view

    if options.form == "json":
        write(dump_json(to_dict(difference, names, over)))
        return
    totals = totals_view(difference, names, over, layout=options.layout, exact=exact)
    counts, affected = counts_text(difference, WRITTEN), affected_text(difference)
    if options.form == "markdown":
        rest = [group for group in groups(difference, ("affected",), options.depth) if group.statuses == ["affected"]]
        layers, folded = (
            layers_view(each, layout=options.layout, exact=exact)
            for each in (groups(difference, WRITTEN, options.depth), rest)
        )
        write(comment(totals, layers, counts, folded, affected))
        return
    shown: tuple[Status, ...] = (*WRITTEN, "affected") if every or options.form == "csv" else WRITTEN
    changed = groups(difference, shown, options.depth)
    notes = [counts, affected + ("" if every else " (--all lists them)") if affected else ""]
    notes.append(renumbered_text(difference))
    layers = layers_view(changed, list(filter(None, notes)), layout=options.layout, exact=exact)
    if options.form == "csv":
        print_view(layers, options.form)
        return
    print_view(totals, options.form)
    if changed or any(notes):
        write("\n")
        print_view(layers, options.form)
