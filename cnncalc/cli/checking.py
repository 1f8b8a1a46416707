"""Resolves the PATHS of `cnncalc check` to specs, each listed once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cnncalc.checks.many import Task
from cnncalc.cli.specs import open_spec, spec_names, specs_in, warn
from cnncalc.errors import SpecError, UsageError
from cnncalc.importers import format_of
from cnncalc.loading.door import out_of_git
from cnncalc.loading.names import exists, is_revision, locate, say_if_shipped, split_variant
from cnncalc.loading.recognition import is_spec
from cnncalc.quantities.shapes import Given


def find_tasks(
    paths: Iterable[str] | None, inputs: Given | None = None, skip_others: bool = False
) -> tuple[list[Task], list[UsageError]]:
    """Find the specs of files, folders, patterns and shipped networks (default: the project's), and any errors.

    `inputs` are the sizes of imported networks; `skip_others` skips files that are not specs.

    Raises:
        UsageError: no path is given and the project has no spec.
    """
    find_tasks: dict[tuple[str, str | None], Task] = {}
    wrong = []
    for named in (_find_or_error(path, inputs) for path in paths or spec_names(None)):
        if isinstance(named, UsageError):
            wrong.append(named)
            continue
        for task in named:
            if not skip_others or is_spec(Path(task.path)):
                find_tasks.setdefault((os.path.realpath(task.path), task.variant), task)
    return list(find_tasks.values()), wrong


def _find_or_error(path: str, inputs: Given | None) -> list[Task] | UsageError:
    try:
        return _find_tasks_of(path, inputs)
    except UsageError as error:
        return error
    except SpecError as error:  # of an imported network: there is no spec in which to show the place
        return UsageError(str(error))


def _find_tasks_of(path: str, inputs: Given | None) -> list[Task]:
    if not path.strip():
        raise UsageError("an empty PATH: name a file, a folder or a shipped network")
    if path == "-":
        return [Task(path, fixable=False)]
    if format_of(path):
        return [Task(path, fixable=False, source=open_spec(path, inputs).document.source)]
    if is_revision(path):
        source, variant = out_of_git(path)
        return [Task(path, variant, fixable=False, source=source)]
    if exists(path) and Path(path).is_dir():
        specs = [Task(str(spec)) for folder in _walk_folders(Path(path)) for spec in specs_in(folder)]
        if not specs:
            raise UsageError(f"{path}: no spec in this folder (a YAML file with a top-level 'layers:')")
        return specs
    if re.search(r"[*?\[]", path) and not exists(path):
        return [task for match in _expand_pattern(path) for task in _find_tasks_of(match, inputs)]
    stem, variant = split_variant(path)
    say_if_shipped(stem, warn)
    return [Task(locate(stem), variant, fixable=exists(stem))]


def _walk_folders(top: Path) -> Iterator[Path]:
    """Yield a folder and its subfolders, except hidden ones."""
    for folder, inside, _ in os.walk(top):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        yield Path(folder)


def _expand_pattern(pattern: str) -> list[str]:
    import glob

    paths = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not paths:
        raise UsageError(f"no file matches '{pattern}'")
    return paths
