"""`cnncalc list`: the networks that ship with the tool, and the layers that a spec can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.options import FORMATS, FormatOption, word

if TYPE_CHECKING:
    from cnncalc.render.view import View


def list(  # noqa: A001
    layers: Annotated[bool, typer.Option("--layers", help="The kinds of layer and their fields instead.")] = False,
    search: Annotated[
        str, typer.Option(metavar="TEXT", show_default=False, help="Only those that speak of this.")
    ] = "",
    form: FormatOption = "table",
) -> None:
    """The networks that ship with the tool; the layers of a spec.

    \b
      cnncalc list --search residual
      cnncalc list --layers --search pool
      cnncalc show resnet          its spec
    """
    from cnncalc.cli.output import write
    from cnncalc.cli.present import print_view

    chosen = word("--format", form, FORMATS)
    view = _layers(search.lower()) if layers else _networks(search.lower())
    if chosen == "json":
        from cnncalc.render.json import dumped

        write(dumped([row.record for row in view.rows]))
    else:
        print_view(view, chosen)


def _networks(search: str) -> View:
    from cnncalc import load, shipped
    from cnncalc.render.networks import Shipped, shipped_view

    found = []
    for name in shipped.names():
        spec = load(name)
        told = " ".join((name, spec.name, *spec.document.about.values()))
        if search in told.lower():
            found.append(Shipped(name, spec.variants, spec.analyze()))
    return shipped_view(found)


def _layers(search: str) -> View:
    from cnncalc.layers import LAYERS
    from cnncalc.render.layer_list import layers_view, summary

    found = [each for each in LAYERS.values() if search in f"{each.kind} {summary(each)}".lower()]
    return layers_view(found)
