"""`cnncalc fmt`: formats specs in the canonical style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.options import SkipOthersOption
from cnncalc.errors import UsageError

if TYPE_CHECKING:
    from cnncalc.errors import Source


def fmt(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            show_default=False,
            help="Spec files or folders (default: those of the project); `-` reads stdin and writes stdout.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="List the files that would change, without changing them; exit code 1 if any."),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print the changes without making them.")] = False,
    skip_others: SkipOthersOption = False,
) -> None:
    """Format specs in the canonical style, in place, keeping comments.

    \b
      cnncalc fmt                     the specs of the project
      cnncalc fmt net.yaml --diff
      cnncalc fmt specs --check       for continuous integration
      cnncalc fmt - < net.yaml
    """
    from cnncalc.cli.complaints import report_error, say
    from cnncalc.cli.folders import is_spec
    from cnncalc.cli.specs import spec_names
    from cnncalc.errors import CnncalcError
    from cnncalc.quantities.sizes import plural

    faulty, changed, names = False, 0, spec_names(paths)
    for path in names:
        if skip_others and path != "-" and not is_spec(Path(path)):
            continue
        try:
            changed += _format_file(path, check, diff)
        except CnncalcError as error:
            report_error(error)
            faulty = True
    if check and changed:
        what = plural(changed, "spec")
        say(f"{what} not in the canonical style: 'cnncalc fmt' applies it, '--diff' shows the changes")
    if faulty or (check and changed):
        raise typer.Exit(2 if faulty else 1)


def _format_file(path: str | Path, check: bool, diff: bool) -> bool:
    """Format one file; return whether its text changes."""
    from cnncalc.cli.output import complain, write, write_data
    from cnncalc.importers import holds_model
    from cnncalc.source.reading import decode, read_spec
    from cnncalc.source.replacing import replace_text
    from cnncalc.visible import visible
    from cnncalc.writer import format_text

    data = read_spec(path)
    source = decode(str(path), data)
    if holds_model(source.text):
        raise UsageError(f"{path}: a model file of Ultralytics' is no spec: cnncalc import {path} writes one")
    text = format_text(source)
    changes = text != source.text
    if diff and changes:
        write_data(_difference(source, text))
    if check and changes and not diff:
        write(f"{visible(str(path))}\n")
    if check or diff:
        return changes
    if path == "-":
        write_data(text)
    elif changes:
        replace_text(path, text, instead_of=data)
        complain(f"formatted {visible(str(path))}")
    return changes


def _difference(source: Source, text: str) -> str:
    """The changes, to be read: cleaned, and no line is a command to the runner that shows them."""
    from difflib import unified_diff

    from cnncalc.visible import visible, visible_lines

    name = visible(source.name)
    lines = unified_diff(
        source.text.splitlines(keepends=True), text.splitlines(keepends=True), name, f"{name} formatted"
    )
    whole = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(line[:1] + visible_lines(line[1:]) for line in whole)
