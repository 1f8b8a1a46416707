"""The two sides of a comparison: the YAML files of a revision, or those of the working tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from cnncalc.document.recognition import holds_spec
from cnncalc.errors import Source, UsageError
from cnncalc.records import NamedTuple, Record
from cnncalc.source.reading import decode, read_spec
from cnncalc.source.repository import FILE, Repository, read_objects
from cnncalc.visible import visible


class File(NamedTuple):
    """The text of a file, or why it cannot be read, and whether it is a spec."""

    text: Source | UsageError
    is_spec: bool


class Side(Record):
    """The YAML files of one side: path → a name of its content, equal where the content is."""

    label: str
    repository: Repository
    contents: Mapping[str, str]

    def files(self, paths: Iterable[str]) -> dict[str, File]:
        """Read files of this side: path → file."""
        raise NotImplementedError


class RevisionSide(Side):
    """The files of a revision."""

    def files(self, paths: Iterable[str]) -> dict[str, File]:
        """Read files of this side: path → file."""
        names = {path: self.contents[path] for path in paths}
        data = read_objects(names.values())
        return {path: _file(f"{visible(self.label)}:{visible(path)}", data[name]) for path, name in names.items()}


class WorkingSide(Side):
    """The files of the working tree, read once."""

    read: Mapping[str, File]

    def files(self, paths: Iterable[str]) -> dict[str, File]:
        """Read files of this side: path → file."""
        return {path: self.read[path] for path in paths}


class Sides(NamedTuple):
    """What is compared: two sides, and how a sentence names the comparison."""

    before: Side
    after: Side
    words: str


def open_sides(text: str, repository: Repository) -> Sides:
    """The sides of `main` (since when: the working tree is compared), `A..B`, or `A...B` (since A and B parted).

    As for git, an end of a range that is left out is HEAD.

    Raises:
        UsageError: git does not know a revision.
    """
    for dots in ("...", ".."):
        one, found, other = text.partition(dots)
        if found:
            one, other = one or "HEAD", other or "HEAD"
            start = repository.merge_base(one, other) if dots == "..." else one
            before = _revision_side(one if dots == ".." else start[:12], start, repository)
            return Sides(before, _revision_side(other, other, repository), f"from {one} to {other}")
    before = _revision_side(text, text, repository)
    return Sides(before, _working_side(repository, before.contents), f"since {text}")


def _revision_side(label: str, revision: str, repository: Repository) -> RevisionSide:
    entries = repository.entries(repository.tree(revision))
    names = {entry.path: entry.object for entry in entries if entry.mode.startswith(FILE) and _is_yaml(entry.path)}
    return RevisionSide(label, repository, names)


def _working_side(repository: Repository, before: Mapping[str, str]) -> WorkingSide:
    """The working tree. Files that a sparse checkout leaves out are as they were before."""
    paths, left_out = repository.working_files()
    files: dict[str, File] = {}
    contents = {path: before[path] for path in left_out if path in before}
    algorithm = "sha256" if any(len(name) == 64 for name in before.values()) else "sha1"
    for path in filter(_is_yaml, paths):
        shown = repository.shown(path)
        try:
            data = read_spec(Path(shown))
        except UsageError as error:
            files[path], contents[path] = File(error, is_spec=False), ""
        else:
            files[path], contents[path] = _file(visible(shown), data), _object_name(data, algorithm)
    return WorkingSide("the working tree", repository, contents, files)


def _file(name: str, data: bytes | None) -> File:
    if data is None:
        return File(UsageError(f"{name}: larger than 4 MiB, the limit for a spec"), is_spec=False)
    try:
        return File(decode(name, data), holds_spec(data))
    except UsageError as error:
        return File(error, holds_spec(data))


def _object_name(data: bytes, algorithm: str) -> str:
    """The name that git gives to a file of this content."""
    name = hashlib.new(algorithm, b"blob %d\0" % len(data), usedforsecurity=False)
    name.update(data)
    return name.hexdigest()


def _is_yaml(path: str) -> bool:
    return path.lower().endswith((".yaml", ".yml"))
