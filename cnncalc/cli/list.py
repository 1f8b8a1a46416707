"""`cnncalc list`: lists the shipped networks, or the layers of the spec language."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.options import FORMATS, FormatOption, read_choice

if TYPE_CHECKING:
    from cnncalc.render.view import View


def list(  # noqa: A001
    about: Annotated[
        builtins.list[str] | None,
        typer.Argument(metavar="WORD", show_default=False, help="Same as --search."),
    ] = None,
    layers: Annotated[bool, typer.Option("--layers", help="List layers, their fields and the keys of a spec.")] = False,
    search: Annotated[
        str, typer.Option(metavar="WORDS", show_default=False, help="Show only entries that contain these words.")
    ] = "",
    form: FormatOption = "table",
) -> None:
    """List the shipped networks, or the kinds of layers.

    \b
      cnncalc list detection
      cnncalc list --layers --search pool
      cnncalc show resnet          its spec
    """
    from cnncalc.cli.output import write_data
    from cnncalc.cli.present import print_view

    chosen = read_choice("--format", form, FORMATS)
    view = (_layers if layers else _networks)(" ".join((*(about or ()), search)).lower().split())
    if chosen == "json":
        from cnncalc.render.formats.json import dump_json

        write_data(dump_json([row.record for row in view.rows]))
    else:
        print_view(view, chosen)


def _networks(words: Sequence[str]) -> View:
    """Build the view of the networks whose names and descriptions contain all words; only these are analysed."""
    from cnncalc import shipped
    from cnncalc.loading import load
    from cnncalc.render.views.shipped_list import Shipped, shipped_view

    matching = []
    for name in shipped.names():
        spec = load(name)
        variants = (f"{name}@{variant} {name}{variant}" for variant in spec.variants)
        haystack = " ".join((name, *variants, spec.name, *spec.document.about.values())).lower()
        if all(word in haystack for word in words):
            matching.append(Shipped(name, spec.variants, spec.analyze()))
    return shipped_view(matching)


def _layers(words: Sequence[str]) -> View:
    from cnncalc import manual
    from cnncalc.document.words import GROUPS, MODIFIERS
    from cnncalc.layers import LAYERS
    from cnncalc.render.views.layer_list import layers_view, summary

    def matches(name: str, what: str) -> bool:
        text = f"{name} {what}".lower()
        return all(word in text for word in words)

    layers = [layer for layer in LAYERS.values() if matches(layer.kind, summary(layer))]
    keys = [page for page in map(manual.page, (*GROUPS, *MODIFIERS)) if matches(page.name, page.summary)]
    return layers_view(layers, keys)
