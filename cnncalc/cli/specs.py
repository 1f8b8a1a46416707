"""Finds the specs that a command works on: those given, or those of the current project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnncalc.budget import renew
from cnncalc.cli.complaints import say, warn_of
from cnncalc.cli.folders import specs_in
from cnncalc.cli.patterns import expand, is_pattern
from cnncalc.errors import FaultText, UsageError
from cnncalc.loading.door import load
from cnncalc.loading.names import identity
from cnncalc.quantities.shapes import Given
from cnncalc.source.files import is_folder
from cnncalc.spec import Spec


def spec_names(given: Sequence[str] | None) -> Sequence[str | Path]:
    """Return the given specs, each once, or by default the paths of those of the project.

    Raises:
        UsageError: none is given and the project has none.
    """
    if given:
        return given if len(given) == 1 else _without_repetitions(given)
    paths = _project_specs()
    if not paths:
        raise UsageError(
            "no SPEC given, and none found in ./pyproject.toml ([tool.cnncalc] specs), specs/ or this folder: "
            "name a file or a shipped network ('cnncalc list')"
        )
    return paths


def _without_repetitions(names: Sequence[str]) -> list[str]:
    """The first of the names of each spec, in order."""
    first: dict[object, str] = {}
    for name in names:
        first.setdefault(identity(name), name)
    return list(first.values())


def single_spec(given: str | None, command: str) -> str | Path:
    """Return the given spec, or by default the only one of the project.

    Raises:
        UsageError: none is given, and the project does not have exactly one.
    """
    names = [given] if given else spec_names(None)
    if len(names) > 1:
        raise UsageError(f"there are several specs here: specify one: cnncalc {command} {names[0]}")
    return names[0]


def open_spec(name: str | Path, inputs: Given | None = None) -> Spec:
    """Load a spec by name, with a budget of its own; warnings go to standard error."""
    renew()
    return load(name, inputs, warn=warn)


def warn(sentence: str) -> None:
    """Write a warning to standard error."""
    if isinstance(sentence, FaultText):
        warn_of(sentence.fault)
    else:
        say(sentence)


def _project_specs() -> list[Path]:
    patterns = _configured_specs()
    if patterns:
        return [path for pattern in patterns for path in _expand_pattern(pattern)]
    return list(specs_in(Path("specs"))) or list(specs_in(Path()))


def _expand_pattern(pattern: str) -> list[Path]:
    """The file of a name, the specs of a folder, or the files that match a pattern."""
    matches = expand(pattern) if is_pattern(pattern) else [Path(pattern)]
    if not matches:
        raise UsageError(f"pyproject.toml: no file matches '{pattern}' of [tool.cnncalc] specs")
    return [path for match in matches for path in (specs_in(match) if is_folder(match) else (match,))]


def _configured_specs() -> list[str]:
    """Read `[tool.cnncalc] specs` of the project."""
    from cnncalc.cli.project import project

    specs = project().get("specs", [])
    specs = [specs] if isinstance(specs, str) else specs
    if not isinstance(specs, list) or not all(isinstance(entry, str) for entry in specs):
        raise UsageError("pyproject.toml: [tool.cnncalc] specs: expected a list of file names or patterns")
    return specs
