"""The options that commands share, and what they say of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, NamedTuple

import typer

from cnncalc.cli.completion import complete_spec


class Format(str, Enum):
    """The formats of `--format`."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class Order(str, Enum):
    """The orders of `--layout`."""

    chw = "chw"
    hwc = "hwc"


SpecArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SPEC",
        help="A file, '-', a shipped network (alexnet, resnet@50), or a layer ('relu', 'maxpool: 2'). "
        "None: the specs that pyproject.toml names, else those in specs/ or here.",
        autocompletion=complete_spec,
        show_default=False,
    ),
]
InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input", "-i", metavar="SIZES", show_default=False,
        help="Channels first: 3x224x224; a capital letter is a symbol: 3xHxW; name=3x224x224 for one of several.",
    ),
]  # fmt: skip
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", show_default=False, help="A parameter of the spec: --set width=0.5."),
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to write it.")]
DepthOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, show_default=False, help="Fold the blocks below N levels to a row each."),
]
BatchOption = Annotated[int, typer.Option(metavar="N", min=1, max=2**31, help="Images at once.")]
LayoutOption = Annotated[Order, typer.Option(help="Channels first or last, as shapes are shown.")]


class Request(NamedTuple):
    """What is asked of every spec."""

    inputs: Sequence[str] | Mapping[str, Sequence[str]] | None
    params: Mapping[str, Any]
    batch: int


def request(inputs: list[str] | None, settings: list[str] | None, batch: int = 1) -> Request:
    """The request that the options make.

    Raises:
        UsageError: sizes or settings that do not read.
    """
    from cnncalc.settings import parse_inputs, parse_settings

    return Request(parse_inputs(inputs or ()), parse_settings(settings or ()), batch)
