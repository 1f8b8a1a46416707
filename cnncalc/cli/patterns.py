"""Expands patterns as a shell does (`nets/*.yaml`, `**/*.yaml`), on the command line and in pyproject.toml alike.

Every folder is visited once, so that folders linked within themselves neither loop nor multiply.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from cnncalc.cli.complaints import say
from cnncalc.cli.folders import complain_of_folder, specs_in
from cnncalc.errors import UsageError
from cnncalc.limits import MOST_FILES
from cnncalc.loading.names import MAGIC
from cnncalc.source.files import exists, is_folder


def expand(pattern: str) -> list[Path]:
    """Return the files and folders that match a pattern, sorted; hidden ones only where it has their dot.

    A `**` at its end stands for folders.

    Raises:
        UsageError: the pattern covers too many files.
    """
    parts = Path(pattern).parts
    anchor = Path(Path(pattern).anchor)
    return sorted(set(_Expansion(pattern).matches(anchor, parts[bool(anchor.parts) :])))


def walk_folders(top: Path) -> Iterator[Path]:
    """Yield a folder and the folders in it, except hidden ones and links; one that cannot be read is reported."""
    for folder, inside, _ in os.walk(top, onerror=complain_of_folder):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        yield Path(folder)


def specs_under(folder: Path) -> list[Path]:
    """Return the specs in a folder and in the folders in it.

    Raises:
        UsageError: there are none.
    """
    specs = [spec for inner in walk_folders(folder) for spec in specs_in(inner)]
    if not specs:
        raise UsageError(f"{folder}: no spec in this folder (a YAML file with a top-level 'layers:')")
    return specs


def expand_paths(pattern: str) -> list[Path]:
    """Return the files that match a pattern, and the specs in the folders that do.

    Raises:
        UsageError: nothing matches, a folder has no spec, or the pattern covers too many files.
    """
    matches = expand(pattern)
    if not matches:
        raise UsageError(f"no file matches '{pattern}'")
    return [path for match in matches for path in (specs_under(match) if is_folder(match) else (match,))]


class _Expansion:
    """The expansion of one pattern; it counts the files that it looks at."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._seen = 0
        self._done: set[tuple[Path, int]] = set()

    def matches(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        """Yield what matches the parts of a pattern within a folder."""
        if not parts:
            yield folder
            return
        if (folder, len(parts)) in self._done:  # reached before, by another `**`
            return
        self._done.add((folder, len(parts)))
        first, rest = parts[0], parts[1:]
        if first == "**":
            for inner in self._folders(folder):
                yield from self.matches(inner, rest)
        elif not MAGIC.isdisjoint(first):
            for inner in self._inside(folder, hidden=first.startswith(".")):
                if fnmatch(inner.name, first) and (not rest or is_folder(inner)):
                    yield from self.matches(inner, rest)
        elif exists(folder / first):
            yield from self.matches(folder / first, rest)

    def _folders(self, top: Path) -> Iterator[Path]:
        """Yield a folder and all within it, each once under whichever name comes first; hidden ones are left out."""
        visited: set[tuple[int, int]] = set()
        waiting = [(top, frozenset[tuple[int, int]]())]
        while waiting:
            folder, around = waiting.pop()
            try:
                status = folder.stat()
            except OSError as error:
                complain_of_folder(error)
                continue
            here = (status.st_dev, status.st_ino)
            if here in around:
                say(f"{folder}: a link to a folder that contains it: skipped")
            if here in visited:
                continue
            visited.add(here)
            yield folder
            inside = filter(is_folder, self._inside(folder))
            waiting += reversed([(inner, around | {here}) for inner in inside])

    def _inside(self, folder: Path, hidden: bool = False) -> list[Path]:
        """The files and folders in a folder, sorted; none if it is not a folder."""
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that most patterns need
        except NotADirectoryError:
            return []
        except OSError as error:
            complain_of_folder(error)
            return []
        self._seen += len(names)
        if self._seen > MOST_FILES:
            raise UsageError(
                f"'{self._pattern}' covers more than {MOST_FILES:,} files: name a folder closer to the specs"
            )
        return [folder / name for name in names if hidden or not name.startswith(".")]
