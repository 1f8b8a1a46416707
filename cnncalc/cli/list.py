"""`cnncalc list`: the networks that ship with the tool."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import FORMATS, FormatOption, word


def list(  # noqa: A001
    search: Annotated[
        str, typer.Option(metavar="TEXT", show_default=False, help="Only those that speak of this.")
    ] = "",
    form: FormatOption = "table",
) -> None:
    """The networks that ship with the tool, with their variants.

    \b
      cnncalc list --search residual
      cnncalc show resnet          its spec
    """
    from cnncalc import load, shipped
    from cnncalc.cli.output import write
    from cnncalc.cli.present import print_view
    from cnncalc.render.networks import Shipped, shipped_view

    chosen = word("--format", form, FORMATS)
    found = []
    for name in shipped.names():
        spec = load(name)
        told = " ".join((name, spec.name, *spec.document.about.values()))
        if search.lower() in told.lower():
            found.append(Shipped(name, spec.variants, spec.analyze()))
    view = shipped_view(found)
    if chosen == "json":
        from cnncalc.render.json import dumped

        write(dumped([row.record for row in view.rows]))
    else:
        print_view(view, chosen)
