"""Renders the pages of `--help` with typer and rich; imported only when a page is shown."""

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
INDENT = "\ue000"  # stands for a leading space that typer would strip; a private-use character, so no text contains it


def page(command: Any, ctx: Any) -> str:  # noqa: ANN401 - typer has no public name for these
    """Render the page of a command or of the tool: as wide as the terminal, up to 100 columns; 100 without a terminal.

    Without colour the text has no escape sequences.
    """
    shown = _escape_command(command, ctx)
    if isinstance(command, TyperGroup):
        shown.commands = {
            name: _escape_command(command.get_command(ctx, name), ctx) for name in command.list_commands(ctx)
        }
    rich_utils.MAX_WIDTH = min(terminal_width() or WIDEST, WIDEST)
    rich_utils.FORCE_TERMINAL = ctx.color = is_coloured()
    rich_utils.COLOR_SYSTEM = "standard" if is_coloured() else None
    with redirect_stdout(StringIO()) as text, _hidden_from_rich("NO_COLOR"):
        rich_utils.rich_format_help(obj=shown, ctx=ctx, markup_mode="rich")
    lines = text.getvalue().replace(INDENT, " ").strip("\n").split("\n")
    return make_encodable("".join(f"{line.rstrip()}\n" for line in lines), sys.stdout)


def _escape_command(command: Any, ctx: Any) -> Any:  # noqa: ANN401
    """Copy a command, with markup escaped in its texts and the source's line breaks removed from paragraphs."""
    shown = copy(command)
    shown.help = "\n\n".join(map(_join_paragraph, escape(cleandoc(command.help or "")).split("\n\n")))
    shown.params = [_escape_parameter(parameter) for parameter in command.get_params(ctx)]
    shown.add_help_option = False  # get_params includes it already
    return shown


def _escape_parameter(parameter: Any) -> Any:  # noqa: ANN401
    """Copy a parameter with its help escaped; arguments and flags lose the Python type."""
    shown = copy(parameter)
    shown.help = escape(parameter.help or "")
    if parameter.param_type_name == "argument" or parameter.is_flag:
        shown.display_type_rich = _hide_type
    return shown


def _hide_type(ctx: Any) -> None:  # noqa: ANN401
    return None


def _join_paragraph(text: str) -> str:
    """Join a paragraph to one line for wrapping; one that begins with a backspace keeps its layout."""
    if not text.startswith("\b\n"):
        return text.replace("\n", " ")
    lines = text.split("\n")[1:]
    return "\n".join(INDENT * (len(line) - len(line.lstrip())) + line.lstrip() for line in lines)


@contextmanager
def _hidden_from_rich(variable: str) -> Iterator[None]:
    """Hide an environment variable from rich, which would read it again after `is_coloured` has decided."""
    value = os.environ.pop(variable, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[variable] = value
