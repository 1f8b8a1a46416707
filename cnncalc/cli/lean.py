"""Passes parameters on as the parser read them, without typer's coercion.

Typer 0.27 and later coerce every parameter, even an absent one, through a pydantic adapter. Importing pydantic and
building the adapters takes longer than everything else that a command does. `cnncalc.cli.options` parses the values of
our options with its own messages, so that nothing is left to coerce.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from typer.core import TyperCommand

AFTER_DASHES = "cnncalc: arguments after --"


class LeanCommand(TyperCommand):
    """A command whose parameters pass on words, flags and lists unchanged."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Parse the arguments; those after `--` are kept, for `cnncalc diff`."""
        if "--" in args:
            ctx.meta[AFTER_DASHES] = args[args.index("--") + 1 :]
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The parameters, including the one for help."""
        return lean(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the page of `--help`."""
        from cnncalc.cli.usage import page

        formatter.write(page(self, ctx))


def lean(parameters: list[Any]) -> list[Any]:
    """Make parameters pass on what the parser read; the same objects are returned."""
    for parameter in parameters:
        if not isinstance(parameter.process_value, partial):
            parameter.process_value = partial(_process_value, parameter, parameter.process_value)
        if "--help" in parameter.opts:  # otherwise `-h --color always` would show the page before reading --color
            parameter.is_eager = False
    return parameters


def _process_value(parameter: Any, coerce: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:  # noqa: ANN401
    if not value and parameter.required:
        return coerce(ctx, value)  # which reports that it is missing
    if value is None:
        return None
    if not isinstance(value, str | bool | list | tuple):
        return coerce(ctx, value)
    return value if parameter.callback is None else parameter.callback(ctx, parameter, value)
