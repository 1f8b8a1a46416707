"""The pages of `--help`, as typer lays them out with rich; imported only where one is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from copy import copy
from inspect import cleandoc
from io import StringIO
from typing import Any

from rich.markup import escape
from typer import rich_utils
from typer.core import TyperGroup

from cnncalc.cli.output import is_coloured, make_encodable, terminal_width

WIDEST = 100
INDENT = "\ue000"  # for a space that typer would take away at the beginning of a line: private, so no text has it


def page(command: Any, ctx: Any) -> str:  # noqa: ANN401 - typer has no public name for these
    """The page of a command or of the tool itself: as wide as the terminal, up to 100 columns; 100 without one.

    Without colour it has no escapes.
    """
    shown = _readable(command, ctx)
    if isinstance(command, TyperGroup):
        shown.commands = {name: _readable(command.get_command(ctx, name), ctx) for name in command.list_commands(ctx)}
    rich_utils.MAX_WIDTH = min(terminal_width() or WIDEST, WIDEST)
    rich_utils.FORCE_TERMINAL = ctx.color = is_coloured()
    rich_utils.COLOR_SYSTEM = "standard" if is_coloured() else None
    with redirect_stdout(StringIO()) as text, _hidden_from_rich("NO_COLOR"):
        rich_utils.rich_format_help(obj=shown, ctx=ctx, markup_mode="rich")
    lines = text.getvalue().replace(INDENT, " ").strip("\n").split("\n")
    return make_encodable("".join(f"{line.rstrip()}\n" for line in lines), sys.stdout)


def _readable(command: Any, ctx: Any) -> Any:  # noqa: ANN401
    """A copy of a command whose texts are no markup, and whose paragraphs have no line breaks of the source."""
    shown = copy(command)
    shown.help = "\n\n".join(map(_readable_paragraph, escape(cleandoc(command.help or "")).split("\n\n")))
    shown.params = [_readable_parameter(parameter) for parameter in command.get_params(ctx)]
    shown.add_help_option = False  # it is among them already
    return shown


def _readable_parameter(parameter: Any) -> Any:  # noqa: ANN401
    """A copy whose help is no markup, and without the Python type of what has no value, or a name instead."""
    shown = copy(parameter)
    shown.help = escape(parameter.help or "")
    if parameter.param_type_name == "argument" or parameter.is_flag:
        shown.display_type_rich = _no_type
    return shown


def _no_type(ctx: Any) -> None:  # noqa: ANN401
    return None


def _readable_paragraph(text: str) -> str:
    """A paragraph on one line, to be wrapped; one that begins with a backspace is laid out and stays."""
    if not text.startswith("\b\n"):
        return text.replace("\n", " ")
    lines = text.split("\n")[1:]
    return "\n".join(INDENT * (len(line) - len(line.lstrip())) + line.lstrip() for line in lines)


@contextmanager
def _hidden_from_rich(variable: str) -> Iterator[None]:
    """Keep a variable from rich, which reads it again: `coloured` has decided."""
    value = os.environ.pop(variable, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[variable] = value
