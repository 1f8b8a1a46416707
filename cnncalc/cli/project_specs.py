"""Finds the specs of the current project, on which a command works if none is given."""

from __future__ import annotations

from pathlib import Path

from cnncalc.cli.folders import specs_in
from cnncalc.cli.patterns import expand_paths, specs_under, walk_folders
from cnncalc.cli.project import project
from cnncalc.errors import UsageError
from cnncalc.loading.names import is_pattern
from cnncalc.source.files import is_folder

FOLDER = Path("specs")


def project_specs() -> list[Path]:
    """Return the specs that pyproject.toml lists, by default those in `specs/`, else those in this folder.

    Raises:
        UsageError: pyproject.toml is not valid, or what it lists does not exist.
    """
    patterns = _configured_specs()
    if patterns:
        return [path for pattern in patterns for path in _configured_paths(pattern)]
    folders = walk_folders(FOLDER) if is_folder(FOLDER) else ()
    return [path for folder in folders for path in specs_in(folder)] or list(specs_in(Path()))


def _configured_paths(pattern: str) -> list[Path]:
    """The file of a name, the specs of a folder, or the files that match a pattern."""
    try:
        if is_pattern(pattern):
            return expand_paths(pattern)
        return specs_under(Path(pattern)) if is_folder(pattern) else [Path(pattern)]
    except UsageError as error:
        raise UsageError(f"pyproject.toml: [tool.cnncalc] specs: {error}") from None


def _configured_specs() -> list[str]:
    """Read `[tool.cnncalc] specs` of the project."""
    specs = project().get("specs", [])
    specs = [specs] if isinstance(specs, str) else specs
    if not isinstance(specs, list) or not all(isinstance(entry, str) for entry in specs):
        raise UsageError("pyproject.toml: [tool.cnncalc] specs: expected a list of file names or patterns")
    return specs
