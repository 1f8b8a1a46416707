"""The console script: a table of commands, each imported on use, and the handling of all errors."""

import sys
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cnncalc.budget import end, grant
from cnncalc.cli.failures import run_guarded
from cnncalc.cli.lean import LeanCommand, lean
from cnncalc.cli.options import BlocksOption, BudgetOption, ColorOption
from cnncalc.cli.output import choose_colour, forget_odd_sizes, keep_outside_words
from cnncalc.errors import UsageError
from cnncalc.importers import supply
from cnncalc.limits import STEPS

# The commands as grouped in the help. A command is named after its module and the function in it; a Python keyword gets
# a trailing underscore.
PANELS = {
    "Inspect": ("shapes", "params", "summary", "rf", "explain", "solve", "view"),
    "Look up": ("help", "list", "show", "rule"),
    "Cost": ("flops", "memory", "time", "bench"),
    "Change": ("diff", "sweep", "check", "fmt"),
    "Build": ("verify", "export"),
    "Exchange": ("import", "schema", "lsp"),
}
PANEL_OF = {name: panel for panel, names in PANELS.items() for name in names}
COMMANDS = tuple(PANEL_OF)
OF_ALL = ("color", "budget", "blocks")  # options of the tool that every command takes too

HELP = """Shapes, stride fit and parameters of a convolutional network, from a few lines of YAML.

\b
Try:
  cnncalc shapes alexnet                        a shipped network
  cnncalc shapes alexnet --input 3x224x224      what goes unread at 224?
  cnncalc params resnet@50 --depth 1            parameters, block by block
  cnncalc shapes net.yaml                       a spec of your own
  cnncalc shapes "conv: {out_channels: 10, kernel_size: 5}" --input 3x32x32
  cnncalc help residual                         a word of the spec language

\b
A spec begins like this:
  input: 3x32x32
  layers:
    - conv: {out_channels: 10, kernel_size: 5, padding: 2}
    - relu
    - maxpool: 2
    - flatten
    - linear: 10
"""


class Commands(TyperGroup):
    """A group that imports the module of a command when the command is called."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """Return the options of the tool itself."""
        return lean(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the page of `--help`."""
        from cnncalc.cli.usage import page

        formatter.write(page(self, ctx))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """Return the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """Import and return a command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
            module = import_module(f"cnncalc.cli.{name}")
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            settings: dict[str, Any] = {"context_settings": SETTINGS, "rich_help_panel": PANEL_OF[cmd_name]}
            single.command(cmd_name, cls=LeanCommand, **settings)(getattr(module, name))
            self.commands[cmd_name] = typer.main.get_command(single)
            self.commands[cmd_name].params += [param for param in self.params if param.name in OF_ALL]
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Resolve the first argument to a command; a spec or a misspelling gets a hint."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            ctx.fail(_unknown_command(args[0]))
        return super().resolve_command(ctx, args)

    def main(self, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401
        """Run the tool and exit; what typer says of wrong options is written as other errors are."""
        exits = more.pop("standalone_mode", True)
        try:
            code = super().main(*arguments, **{**more, "standalone_mode": False})
        except Exception as error:
            if not exits or not hasattr(error, "show"):
                raise
            from cnncalc.cli.complaints import report_usage

            code = report_usage(error)
        if exits:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run a command; an exception becomes a message and an exit code."""
        code = run_guarded(lambda: super(Commands, self).invoke(ctx))
        if code:
            raise typer.Exit(code)


def _unknown_command(word: str) -> str:
    from cnncalc.errors import CnncalcError
    from cnncalc.loading.names import is_item, locate, split_variant
    from cnncalc.suggest import suggest
    from cnncalc.visible import visible

    shown = visible(word)
    if near := suggest(word, COMMANDS):
        return f"no command '{shown}': {near}"
    try:
        if is_item(word) or locate(split_variant(word)[0]):
            return f"'{shown}' is a spec; a command comes first: cnncalc shapes {word!r}"
    except CnncalcError:
        pass
    return f"no command '{shown}': choose from {', '.join(COMMANDS)}"


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _version(ctx: typer.Context, wanted: bool) -> None:
    """Print the version; with --verbose, which is eager and therefore read before, what a bug report needs too."""
    if not wanted:
        return
    if ctx.params.get("verbose"):
        from cnncalc.cli.about import installation

        typer.echo(installation())
    else:
        from cnncalc.version import __version__

        typer.echo(f"cnncalc {__version__}")
    raise typer.Exit


def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, help="Print the version and exit.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", is_eager=True, help="With --version: what a bug report needs, too.")
    ] = False,
    color: ColorOption = None,
    budget: BudgetOption = None,
    blocks: BlocksOption = None,
) -> None:
    """Options of the tool itself; the commands have their own."""
    if verbose:
        raise UsageError("--verbose goes with --version: cnncalc --version --verbose")


def tool(words: list[str]) -> typer.Typer:
    """The tool; the options that install completion are omitted if the first word is a command, which they precede."""
    return typer.Typer(
        cls=Commands,
        name="cnncalc",
        help=HELP,
        context_settings=SETTINGS,
        callback=_options,
        rich_markup_mode=None,
        add_completion=not (words and words[0] in COMMANDS),
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one command, with the arguments of the process by default; return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    forget_odd_sizes()
    keep_outside_words(words)
    choose_colour("auto")
    grant(STEPS)
    supply(())
    try:
        return run_guarded(lambda: tool(words)(words, prog_name="cnncalc"))
    finally:
        end()
