"""Finds the specs that a command works on: those given, or those of the current project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnncalc.budget import renew
from cnncalc.errors import FaultText, UsageError
from cnncalc.loading.door import load
from cnncalc.loading.names import identity, is_code, is_item, is_pattern, is_revision
from cnncalc.quantities.shapes import Given
from cnncalc.source.files import is_folder
from cnncalc.spec import Spec


def spec_names(given: Sequence[str] | None) -> Sequence[str | Path]:
    """Return the given specs, each once, with the paths of those in folders and behind patterns.

    By default, they are those of the project.

    Raises:
        UsageError: none is given and the project has none, or there is none in a folder or behind a pattern.
    """
    first: dict[object, str | Path] = {}
    for name in names_or_project(given):
        for each in _specs_of(name):
            first.setdefault(identity(each), each)
    return list(first.values())


def names_or_project(given: Sequence[str] | None) -> Sequence[str | Path]:
    """Return the names as they are given, or by default the paths of the project's specs.

    Raises:
        UsageError: none is given and the project has none.
    """
    if given:
        return given
    from cnncalc.cli.project_specs import project_specs

    paths = project_specs()
    if not paths:
        raise UsageError(
            "no SPEC given, and none found in ./pyproject.toml ([tool.cnncalc] specs), specs/ or this folder: "
            "name a file or a shipped network ('cnncalc list')"
        )
    return paths


def single_spec(given: str | None, command: str) -> str | Path:
    """Return the given spec, or by default the only one of the project.

    Raises:
        UsageError: a folder is given, or nothing, and it does not have exactly one.
    """
    names = spec_names([given] if given is not None else None)
    if len(names) > 1:
        raise UsageError(f"there are several specs here: specify one: cnncalc {command} {names[0]}")
    return names[0]


def open_spec(name: str | Path, inputs: Given | None = None) -> Spec:
    """Load a spec by name, with a budget of its own; warnings go to standard error."""
    renew()
    return load(name, inputs, warn=warn)


def warn(sentence: str) -> None:
    """Write a warning to standard error."""
    from cnncalc.cli.complaints import say, warn_of

    if isinstance(sentence, FaultText):
        warn_of(sentence.fault)
    else:
        say(sentence)


def _specs_of(name: str | Path) -> Sequence[str | Path]:
    """The paths of the specs that a folder or a pattern stands for; any other name as it is."""
    if is_folder(name):
        from cnncalc.cli.patterns import specs_under

        return specs_under(Path(name))
    if isinstance(name, Path) or is_item(name) or is_code(name) or is_revision(name) or not is_pattern(name):
        return [name]
    from cnncalc.cli.patterns import expand_paths

    return expand_paths(name)
