"""Parameters that are taken as the parser read them: words.

Typer 0.27 and later coerce every parameter, also one that is not given, by a pydantic adapter. Importing pydantic and
building the adapters takes longer than everything else that a command does. What our options take is read by
`cnncalc.cli.options`, with messages of our own, so that there is nothing left to coerce.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from typer.core import TyperCommand


class LeanCommand(TyperCommand):
    """A command whose parameters pass on words, flags and lists as they are."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The parameters, the one for help included."""
        return lean(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the page of `--help`."""
        from cnncalc.cli.help import page

        formatter.write(page(self, ctx))


def lean(parameters: list[Any]) -> list[Any]:
    """The parameters, made to pass on what the parser read."""
    for parameter in parameters:
        if not isinstance(parameter.process_value, partial):
            parameter.process_value = partial(_taken, parameter, parameter.process_value)
        if "--help" in parameter.opts:  # else `-h --color always` would show the page before it heard of colour
            parameter.is_eager = False
    return parameters


def _taken(parameter: Any, coerced: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:  # noqa: ANN401
    if not value and parameter.required:
        return coerced(ctx, value)  # which says that it is missing
    if value is None:
        return None
    if not isinstance(value, str | bool | list | tuple):
        return coerced(ctx, value)
    return value if parameter.callback is None else parameter.callback(ctx, parameter, value)
