"""Reads a spec from a git repository: `REV:path`, as git writes it (`HEAD~1:net.yaml`, `main:specs/net.yaml`)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from cnncalc.errors import Source, UsageError
from cnncalc.source.reading import decode
from cnncalc.source.repository import (
    FILE,
    LINK,
    MODULE,
    Entry,
    Repository,
    find_repository,
    quote,
    read_objects,
)
from cnncalc.visible import visible

_STAGE = re.compile(r"([0-3]):(.+)", re.DOTALL)


def read_revision(name: str) -> Source:
    """The text of REV:path; the path is relative to the repository root, or else to the current folder.

    Raises:
        UsageError: git is not installed, this is not a repository, or it has no such revision or path.
    """
    revision, _, path = name.partition(":")
    if revision.startswith("-") or not path or "\0" in name:
        raise UsageError(f"{name}: expected a revision and a path, such as HEAD~1:net.yaml")
    try:
        repository = find_repository()
    except UsageError as error:
        raise UsageError(f"{name}: no such file, and no revision to read: {error}") from None
    try:
        entry = _find_entry(repository, revision, path)
        data = read_objects([entry.object])[entry.object]
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None
    if data is None:
        raise UsageError(f"{name}: larger than 4 MiB, the limit for a spec")
    return decode(name, data)


def _find_entry(repository: Repository, revision: str, path: str) -> Entry:
    """The file at a path in a revision, or in the index without one (`:path`, `:2:path`)."""
    stage, path = match.groups() if not revision and (match := _STAGE.fullmatch(path)) else ("0", path)
    places = _places(path, repository.folder)
    if revision:
        tree = repository.tree(revision)
        entries, where = list(repository.entries(tree, *places)), f"revision {visible(revision)}"
    else:
        tree, entries, where = "", list(repository.staged(stage)), "the index"
    for place in places:
        for entry in entries:
            if entry.path == place and entry.mode.startswith(FILE):
                return entry
            if entry.path == place and entry.mode.startswith(LINK):
                raise UsageError(f"{quote(path)} is a symbolic link in {where}: name the file to which it points")
    folders = [folder for place in places for folder in _folders(place)]
    if tree and folders:
        entries += repository.entries(tree, *folders)
    raise UsageError(_explain_missing(path, places, entries, where))


def _explain_missing(path: str, places: Sequence[str], entries: Iterable[Entry], where: str) -> str:
    for entry in entries:
        if any(entry.path.startswith(f"{place}/") for place in places):
            return f"{quote(path)} is a folder in {where}, not a file"
        if entry.mode.startswith(MODULE) and any(f"{place}/".startswith(f"{entry.path}/") for place in places):
            return f"{quote(entry.path)} is a submodule in {where}: its files are in its own repository"
    return f"no file {quote(path)} in {where}"


def _places(path: str, folder: str) -> list[str]:
    """The paths from the root of the repository that a path may mean, seen from a folder in it."""
    here = posixpath.normpath(posixpath.join(folder, path))
    places = [here] if path.startswith(("./", "../")) else [posixpath.normpath(path), here]
    return [place for place in dict.fromkeys(places) if not place.startswith(("../", "/")) and place not in ("..", ".")]


def _folders(place: str) -> list[str]:
    """The folders that a path lies in, from the innermost."""
    folders = []
    while place := posixpath.dirname(place):
        folders.append(place)
    return folders
