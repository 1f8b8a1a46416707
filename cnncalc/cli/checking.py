"""Resolves the PATHS of `cnncalc check` to specs, each listed once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from cnncalc.checks.many import Task
from cnncalc.cli.folders import is_spec
from cnncalc.cli.patterns import expand, specs_under
from cnncalc.cli.specs import names_or_project, open_spec, warn
from cnncalc.document.recognition import holds_spec
from cnncalc.errors import SpecError, UsageError
from cnncalc.importers import format_of
from cnncalc.loading.door import out_of_git
from cnncalc.loading.names import (
    is_code,
    is_pattern,
    is_revision,
    locate,
    refuse_foreign,
    say_if_shipped,
    split_variant,
)
from cnncalc.quantities.shapes import Given
from cnncalc.source.files import exists, is_folder, is_stream
from cnncalc.source.reading import decode, read_spec


def find_tasks(
    paths: Sequence[str] | None, inputs: Given | None = None, skip_others: bool = False
) -> tuple[list[Task], list[UsageError]]:
    """Find the specs of files, folders, patterns and shipped networks (default: the project's), and any errors.

    `inputs` are the sizes of imported networks; with `skip_others` files that are not specs are skipped, and nothing is
    imported.

    Raises:
        UsageError: no path is given and the project has no spec.
    """
    found: dict[tuple[str, str | None], Task] = {}
    wrong = []
    for named in (_find_or_error(path, inputs, skip_others) for path in names_or_project(paths)):
        if isinstance(named, UsageError):
            wrong.append(named)
            continue
        for task in named:
            place = os.path.realpath(task.path) if task.source is None else str(task.path)
            found.setdefault((place, task.variant), task)
    return list(found.values()), wrong


def _find_or_error(path: str | Path, inputs: Given | None, skip_others: bool) -> Iterable[Task] | UsageError:
    try:
        if isinstance(path, Path):
            return _tasks_of_path(path, inputs, skip_others)
        return _tasks_of_name(path, inputs, skip_others)
    except UsageError as error:
        return error
    except SpecError as error:  # of an imported network: there is no spec in which to show the place
        return UsageError(faults=str(error))


def _tasks_of_name(name: str, inputs: Given | None, skip_others: bool) -> list[Task]:
    """The specs of what a person typed."""
    if not name.strip():
        raise UsageError("an empty PATH: name a file, a folder or a shipped network")
    if is_stream(name):
        data = read_spec(name)
        return [] if skip_others and not holds_spec(data) else [Task(name, fixable=False, source=decode(name, data))]
    if is_code(name):
        if skip_others:
            raise UsageError(f"{name}: with --skip-others only files are checked, and nothing is imported")
        return [Task(name, fixable=False, source=open_spec(name, inputs).document.source)]
    if exists(name):
        return _tasks_of_path(name, inputs, skip_others)
    if is_revision(name):
        source, variant = out_of_git(name)
        return [Task(name, variant, fixable=False, source=source)]
    if is_pattern(name):
        matches = expand(name)
        if not matches:
            raise UsageError(f"no file matches '{name}'")
        return [task for match in matches for task in _tasks_of_path(match, inputs, skip_others)]
    stem, variant = split_variant(name)
    say_if_shipped(stem, warn)
    place = locate(stem)
    return [Task(Path(place), variant, fixable=exists(stem) and format_of(stem) is None)]


def _tasks_of_path(path: str | Path, inputs: Given | None, skip_others: bool) -> list[Task]:
    """The specs of a file or folder, whatever its name looks like."""
    if is_folder(path):
        return [Task(spec) for spec in specs_under(Path(path))]
    if skip_others:
        return [Task(path)] if is_spec(Path(path)) else []
    if (format_ := format_of(path)) and format_.says:
        return [Task(path, fixable=False)]
    if format_:
        return [Task(path, fixable=False, source=open_spec(Path(path), inputs).document.source)]
    refuse_foreign(path)
    return [Task(path)]
