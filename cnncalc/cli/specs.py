"""Which specs a command is about: those it names, or those of the project it is called in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cnncalc.cli.output import complain
from cnncalc.document.spec import SECTIONS
from cnncalc.errors import UsageError
from cnncalc.loading.door import load
from cnncalc.quantities.shapes import Given
from cnncalc.source.reading import top_keys
from cnncalc.spec import Spec
from cnncalc.suggest import nearest

NETWORK = r"(?m)^layers\s*:"
MAYBE = r"""\b(layers|input)["']?\s*:"""


def spec_names(given: list[str] | None) -> list[str]:
    """The names of the specs that a command is about.

    Raises:
        UsageError: none is given, and none is here.
    """
    if given:
        return given
    found = [str(path) for path in _of_project()]
    if not found:
        raise UsageError(
            "no SPEC given, and none found in ./pyproject.toml ([tool.cnncalc] specs), specs/ or this folder: "
            "name a file or a shipped network ('cnncalc list')"
        )
    return found


def single_spec(given: str | None, command: str) -> str:
    """The spec of a command that is about one: the one it names, or the only one of the project.

    Raises:
        UsageError: none is given, and there is not exactly one here.
    """
    names = [given] if given else spec_names(None)
    if len(names) > 1:
        raise UsageError(f"there are several specs here: specify one: cnncalc {command} {names[0]}")
    return names[0]


def open_spec(name: str, inputs: Given | None = None) -> Spec:
    """The spec of a name, as `load` opens it; what a reader of it should know is said on the standard error."""
    return load(name, inputs, warn=warn)


def warn(sentence: str) -> None:
    """Say what a reader of a spec should know on the standard error."""
    complain(f"cnncalc: {sentence}")


def _of_project() -> list[Path]:
    listed = _listed()
    if listed:
        return [path for pattern in listed for path in _matching(pattern)]
    return list(specs_in(Path("specs"))) or list(specs_in(Path()))


def _matching(pattern: str) -> list[Path]:
    """The file of a name, or the files of a pattern."""
    if not re.search(r"[*?\[]", pattern):
        path = Path(pattern)
        return sorted(specs_in(path)) if path.is_dir() else [path]
    try:
        found = sorted(Path().glob(pattern))
    except (ValueError, NotImplementedError):
        found = []
    if not found:
        raise UsageError(f"pyproject.toml: no file matches '{pattern}' of [tool.cnncalc] specs")
    return found


def _listed() -> list[str]:
    """`[tool.cnncalc] specs` of the project."""
    from cnncalc.cli.project import project

    specs = project().get("specs", [])
    specs = [specs] if isinstance(specs, str) else specs
    if not isinstance(specs, list) or not all(isinstance(entry, str) for entry in specs):
        raise UsageError("pyproject.toml: [tool.cnncalc] specs: expected a list of file names or patterns")
    return specs


def specs_in(folder: Path) -> Iterator[Path]:
    """The files of a folder that are specs, or were meant to be."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return
    for path in paths:
        if path.suffix.lower() in (".yaml", ".yml") and path.is_file() and is_spec(path):
            yield path


def is_spec(path: Path) -> bool:
    """Whether a file is YAML with `layers` at its top, or with `input` and a word that was meant to be `layers`.

    Few of the files that are none are parsed. A line alone is enough: a spec may be no YAML any more before it.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    if re.search(NETWORK, text):
        return True
    keys = set(top_keys(text)) if re.search(MAYBE, text) else set()
    return "layers" in keys or ("input" in keys and any(nearest(key, SECTIONS) == "layers" for key in keys))
