"""`cnncalc show`: prints the text of a spec."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_spec


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A shipped network or a file.", autocompletion=complete_spec, show_default=False
        ),
    ] = "",
    path: Annotated[bool, typer.Option("--path", help="Print the path of the file instead.")] = False,
) -> None:
    """Print the spec of a shipped network, to read or to start from.

    \b
      cnncalc show alexnet > mine.yaml
      cnncalc show alexnet --path
    """
    from cnncalc.cli.output import is_coloured, is_terminal, write, write_data
    from cnncalc.cli.specs import open_spec
    from cnncalc.errors import UsageError
    from cnncalc.loading.door import out_of_git
    from cnncalc.loading.names import is_revision, locate, split_variant
    from cnncalc.source.reading import read
    from cnncalc.visible import visible, visible_lines

    if not name:
        raise UsageError("specify a network: cnncalc show alexnet ('cnncalc list' lists the shipped networks)")
    stem, variant = split_variant(name)
    if variant is not None:
        open_spec(name)
    if is_revision(name) and not path:
        text = out_of_git(name)[0].text
    else:
        place = locate(stem)
        if path:
            write(f"{visible(str(place))}\n")
            return
        text = read(place).text
    text = text if text.endswith("\n") else f"{text}\n"
    if is_terminal():  # a person reads it
        text = visible_lines(text)
    if is_coloured():
        from cnncalc.cli.highlight import highlight_yaml

        text = highlight_yaml(text)
    write_data(text)
