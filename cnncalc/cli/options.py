"""The options that commands share. Their values are parsed here, not by typer: see `cnncalc.cli.lean`.

Here and in `cnncalc.cli.shapes`, annotations are objects, without `from __future__ import annotations`: typer
would compile the text of each at every start, twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args

import typer

from cnncalc.budget import OPTION, grant
from cnncalc.cli.output import COLOURS, choose_colour
from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_BUDGET, STEPS
from cnncalc.quantities.sizes import Layout, from_layout
from cnncalc.records import NamedTuple
from cnncalc.render.formats import VIEW_FORMATS
from cnncalc.symbolic import Shape

FORMATS = ("table", "json", *(name for name in VIEW_FORMATS if name != "table"))
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
INPUT, OUTPUT = "Input", "Output"  # help panels, shown after the panel of a command's own options


def _complete(incomplete: str) -> list[str]:
    from cnncalc.cli.completion import complete_spec

    return complete_spec(incomplete)


SpecArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SPEC",
        help="A file, a folder, '-', a shipped network (alexnet, resnet@50), or a layer ('relu', 'maxpool: 2'). "
        "Default: the specs listed in pyproject.toml, else those in specs/ or here.",
        autocompletion=_complete,
        show_default=False,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        show_default=False,
        rich_help_panel=INPUT,
        help="A parameter of the spec: --set width=0.5.",
    ),
]
SpecArgument = Annotated[
    str,
    typer.Argument(
        metavar="SPEC", autocompletion=_complete, show_default=False, help="As for shapes, or a single layer."
    ),
]
FileOption = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Output file (default: stdout)."),
]


def format_option(formats: Sequence[str], help_text: str = "Output format.") -> Any:  # noqa: ANN401
    """The option `--format` with these choices."""
    return typer.Option(
        "--format",
        "-f",
        metavar="|".join(formats),
        autocompletion=lambda: formats,
        rich_help_panel=OUTPUT,
        help=help_text,
    )


def input_option(help_text: str, panel: str | None = None) -> Any:  # noqa: ANN401
    """The option `--input` with this help text."""
    return typer.Option("--input", "-i", metavar="SIZES", show_default=False, rich_help_panel=panel, help=help_text)


InputOption = Annotated[
    list[str] | None,
    input_option(
        "Channels first: 3x224x224; a capital letter is a symbol: 3xHxW; name=3x224x224 for one of several.", INPUT
    ),
]
FormatOption = Annotated[str, format_option(FORMATS)]
DepthOption = Annotated[
    str | None,
    typer.Option(
        "--depth",
        metavar="N",
        show_default=False,
        rich_help_panel=OUTPUT,
        help="Fold blocks below N levels into one row each.",
    ),
]
BatchOption = Annotated[str, typer.Option("--batch", metavar="N", rich_help_panel=INPUT, help="Batch size.")]
LayoutOption = Annotated[
    str,
    typer.Option(
        "--layout",
        metavar="|".join(LAYOUTS),
        autocompletion=lambda: LAYOUTS,
        rich_help_panel=OUTPUT,
        help="Channels first or last, in tables and in --input. JSON is channels first.",
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="H=224,W=320",
        show_default=False,
        rich_help_panel=INPUT,
        help="Values for the symbols of a symbolic input.",
    ),
]
WatchOption = Annotated[bool, typer.Option("--watch", help="Run again whenever a file that was read changes.")]
SkipOthersOption = Annotated[bool, typer.Option("--skip-others", help="Skip files without a top-level 'layers:'.")]
Word = TypeVar("Word", bound=str)


def _choose_colour(text: str) -> None:
    choose_colour(read_choice("--color", text, COLOURS))


ColorOption = Annotated[  # an option of the tool and of every command
    str | None,
    typer.Option(
        "--color",
        metavar="|".join(COLOURS),
        autocompletion=lambda: COLOURS,
        callback=_choose_colour,
        is_eager=True,
        expose_value=False,
        show_default=False,
        rich_help_panel=OUTPUT,
        help="Colour the output; auto: on a terminal, as NO_COLOR and FORCE_COLOR say.",
    ),
]


def _grant(text: str) -> None:
    from cnncalc.quantities.given import whole_number

    grant(whole_number(OPTION, text, LARGEST_BUDGET))


BudgetOption = Annotated[  # an option of the tool and of every command
    str | None,
    typer.Option(
        OPTION,
        metavar="STEPS",
        callback=_grant,
        is_eager=True,
        expose_value=False,
        show_default=False,
        rich_help_panel=OUTPUT,
        help=f"Work allowed for each spec, in steps of about a microsecond (default: {STEPS // 10**6}M).",
    ),
]


def _supply(files: list[str] | None) -> None:  # an optional list: on Python 3.10 typer takes a plain one for a class
    from cnncalc.importers import supply
    from cnncalc.source.files import exists

    for file in files or ():
        if not exists(file):
            raise UsageError(f"--blocks: no such file: {file}")
    supply(files or ())


BlocksOption = Annotated[  # an option of the tool and of every command
    list[str] | None,
    typer.Option(
        "--blocks",
        metavar="FILE",
        callback=_supply,
        is_eager=True,
        expose_value=False,
        show_default=False,
        rich_help_panel=INPUT,
        help="Blocks for modules of an Ultralytics model that are not known: Name(channels): [...].",
    ),
]


class Request(NamedTuple):
    """How to analyse every spec, and how to show the result."""

    inputs: Shape | Mapping[str, Shape] | None
    params: Mapping[str, Any]
    batch: int
    depth: int | None
    form: str
    layout: Layout
    at: Mapping[str, int]


def request(
    inputs: list[str] | None,
    settings: list[str] | None,
    depth: str | None,
    form: str,
    batch: str,
    layout: str,
    at: str | None = None,
) -> Request:
    """Parse the shared options to a request.

    Raises:
        UsageError: an option cannot be parsed.
    """
    from cnncalc.limits import LARGEST_BATCH
    from cnncalc.quantities.given import parse_at, parse_settings, whole_number
    from cnncalc.quantities.shapes import read_inputs

    order = read_choice("--layout", layout, LAYOUTS)
    return Request(
        _channels_first(read_inputs(inputs or ()), order),
        parse_settings(settings or ()),
        whole_number("--batch", batch, LARGEST_BATCH),
        None if depth is None else whole_number("--depth", depth),
        read_choice("--format", form, FORMATS),
        order,
        parse_at(at or ""),
    )


def run_or_watch(watch: bool, names: Sequence[str] | None, call: Callable[[], object]) -> None:
    """Run a command once, or with `--watch` again whenever a file that it read changes; `names` are those given."""
    if not watch:
        call()
        return
    from cnncalc.cli.watch import run_and_watch

    run_and_watch(names or (), call)


def _channels_first(inputs: Shape | Mapping[str, Shape] | None, layout: Layout) -> Shape | Mapping[str, Shape] | None:
    if isinstance(inputs, Mapping):
        return {name: from_layout(shape, layout) for name, shape in inputs.items()}
    return None if inputs is None else from_layout(inputs, layout)


def column_names(text: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Parse column names such as `params,macs`: each once.

    Raises:
        UsageError: there is no such column.
    """
    from cnncalc.suggest import with_suggestion

    known = tuple(columns)
    names = tuple(dict.fromkeys(filter(None, text.replace(" ", "").split(","))))
    for name in names:
        if name not in known:
            choices = f"choose from {', '.join(known)}"
            raise UsageError(with_suggestion(f"--columns: unknown column '{name}'", name, known, choices))
    return names


def read_choice(option: str, text: str, words: tuple[Word, ...]) -> Word:
    """Return the text if it is one of the words.

    Raises:
        UsageError: it is not.
    """
    for each in words:
        if each == text:
            return each
    from cnncalc.suggest import with_suggestion

    raise UsageError(with_suggestion(f"{option}: expected one of {', '.join(words)}, got '{text}'", text, words))
