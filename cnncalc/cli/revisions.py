"""`cnncalc diff REV`: finds the specs that changed, compares their networks, and prints a line for each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from cnncalc.cli.complaints import say
from cnncalc.cli.output import write_data
from cnncalc.differences.limits import Limit
from cnncalc.errors import CnncalcError, UsageError
from cnncalc.loading.names import is_item, locate, split_variant
from cnncalc.revisions.networks import Asked, NetworkChange, compare_pair
from cnncalc.revisions.pairs import changed_pairs
from cnncalc.revisions.sides import Sides, open_sides
from cnncalc.source.files import is_folder
from cnncalc.source.repository import find_repository

if TYPE_CHECKING:
    from cnncalc.cli.options import Request


def diff_revisions(revision: str, paths: Sequence[str], limits: Sequence[Limit], options: Request, exact: bool) -> None:
    """Compare all specs since a revision, and print them; the exit code is 2 if one is broken, 1 above a limit.

    Raises:
        UsageError: there is no repository, no such revision, or nothing at one of the paths.
    """
    sides = _open_sides(revision)
    changes = _compare(sides, paths, Asked(options.inputs, options.params, options.at, limits))
    _print(sides, changes, options, exact)
    broken = [change for change in changes if change.status == "broken"]
    over = any(change.exceeded for change in changes)
    if options.form in ("json", "csv"):
        _complain(sides, changes)
    if broken or over:
        raise typer.Exit(2 if broken else 1)


def is_known_revision(name: str) -> bool:
    """Whether git knows a revision here."""
    with suppress(UsageError):
        find_repository().tree(name)
        return True
    return False


def _open_sides(revision: str) -> Sides:
    try:
        return open_sides(revision, find_repository())
    except UsageError as error:
        if is_folder(revision):
            raise UsageError(
                f"{error}; to compare a folder, name a revision: cnncalc diff HEAD -- {revision}"
            ) from None
        if _names_network(revision):
            raise UsageError(f"{error}; to compare networks, name two: cnncalc diff {revision} OTHER") from None
        raise


def _names_network(name: str) -> bool:
    with suppress(CnncalcError):
        return is_item(name) or bool(locate(split_variant(name)[0]))
    return False


def _compare(sides: Sides, paths: Sequence[str], asked: Asked) -> list[NetworkChange]:
    from cnncalc.cli.progress import Progress

    pairs = changed_pairs(sides, paths)
    changes: list[NetworkChange] = []
    with Progress(len(pairs)) as progress:
        for done, pair in enumerate(pairs):
            progress.say(f"{done:,} of {len(pairs):,} specs", done)
            changes += compare_pair(pair, asked)
    return changes


def _print(sides: Sides, changes: Sequence[NetworkChange], options: Request, exact: bool) -> None:
    if options.form == "json":
        from cnncalc.render.formats.json import dump_json
        from cnncalc.revisions.document import revisions_dict

        write_data(dump_json(revisions_dict(sides, changes)))
    elif options.form == "markdown":
        from cnncalc.render.formats.revisions_markdown import revisions_markdown

        write_data(revisions_markdown(sides, changes, depth=options.depth, layout=options.layout, exact=exact))
    else:
        from cnncalc.cli.present import print_view
        from cnncalc.render.views.revisions import revisions_view

        print_view(revisions_view(sides, changes, layout=options.layout, exact=exact), options.form)


def _complain(sides: Sides, changes: Sequence[NetworkChange]) -> None:
    """Write what readers of a table see in its notes to standard error."""
    from cnncalc.render.views.revisions import failure_texts

    for text in failure_texts(sides, changes):
        say(text)
