"""The git repository around the current folder: its revisions, its files, and their bytes. Nothing is written."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_GIT_OUTPUT, LARGEST_SPEC
from cnncalc.records import NamedTuple
from cnncalc.source.git import Output, run_git
from cnncalc.suggest import ask, suggest
from cnncalc.visible import visible

FILE, LINK, MODULE = "100", "120", "160"  # how the modes of files, symbolic links and submodules begin
_NO_REPOSITORY = "not a git repository"
_BARE = "this folder is a bare repository, which may hide in another: to use it, set GIT_DIR to its path"
_NOT_HERE = (
    "a file of this revision is missing or damaged here; nothing is fetched: in a partial clone, check it out once"
)


class Entry(NamedTuple):
    """A file of a tree: its path from the root of the repository, its mode, and the name of its object."""

    path: str
    mode: str
    object: str


class Repository(NamedTuple):
    """The root of the working tree (None without one), the current folder within it, and whether history is cut off."""

    root: str | None
    folder: str
    shallow: bool

    def tree(self, revision: str) -> str:
        """The name of the tree object of a revision.

        Raises:
            UsageError: git does not know the revision.
        """
        if revision.startswith("-") or "\0" in revision or not revision:
            raise UsageError(f"expected a revision, such as main or HEAD~1, not {quote(revision)}")
        found = run_git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}")
        if found.code:
            raise UsageError(_explain_failure(found.err) if found.err.strip() else self._explain_unknown(revision))
        return found.out.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """The commit at which two revisions parted.

        Raises:
            UsageError: git does not know one of them, or they have no common commit.
        """
        for revision in (one, other):
            self.tree(revision)
        found = run_git("merge-base", one, other)
        if found.code:
            raise UsageError(f"{quote(one)} and {quote(other)} have no common commit{self._if_shallow()}")
        return found.out.decode().split()[0]

    def entries(self, tree: str, *paths: str) -> Iterator[Entry]:
        """The files of a tree, at these paths or all of them."""
        listed = _expect(run_git("ls-tree", "-r", "-z", "--full-tree", tree, "--", *paths)).out
        for line in _split(listed):
            meta, _, path = line.partition("\t")
            mode, _, name = meta.split(" ")[:3]
            yield Entry(path, mode, name)

    def staged(self, stage: str = "0") -> Iterator[Entry]:
        """The files of the index, in one of its stages."""
        for line in _split(_expect(run_git("ls-files", "-s", "-z", folder=self.root)).out):
            meta, _, path = line.partition("\t")
            mode, name, at = meta.split(" ")
            if at == stage:
                yield Entry(path, mode, name)

    def working_files(self) -> tuple[list[str], set[str]]:
        """The paths in the working tree that git does not ignore, and those left out by a sparse checkout.

        Symbolic links are not followed, so that only files of the working tree are named.

        Raises:
            UsageError: the repository has no working tree.
        """
        if self.root is None:
            raise UsageError(
                "this repository has no working tree in the folder that it is in: name two revisions: main..feature"
            )
        lines = _split(_expect(run_git("ls-files", "-c", "-o", "-t", "-z", "--exclude-standard", folder=self.root)).out)
        tagged = [(line[:1], line[2:]) for line in lines]
        paths = dict.fromkeys(path for _, path in tagged if _is_file_itself(Path(self.root, path)))
        return list(paths), {path for tag, path in tagged if tag == "S" and path not in paths}

    def place(self, path: str) -> str:
        """A path, relative to the current folder, from the root of the repository.

        Raises:
            UsageError: it is outside of the repository.
        """
        relative = path
        if self.root and Path(path).is_absolute():
            relative = os.path.relpath(os.path.realpath(path), Path(self.root, self.folder))
        place = posixpath.normpath(posixpath.join(self.folder, relative.replace(os.sep, "/")))
        if place == ".." or place.startswith(("../", "/")):
            raise UsageError(f"{quote(path)} is outside of the repository")
        return place

    def shown(self, path: str) -> str:
        """A path from the root of the repository, as seen from the current folder."""
        return path if not self.folder else posixpath.relpath(path, self.folder)

    def _explain_unknown(self, revision: str) -> str:
        known = run_git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
        names = known.out.decode("utf-8", "replace").split("\n")
        there = next((name for name in names if name.endswith(f"/{revision}")), None)
        if there:
            hint = ask(there)
        else:
            hint = "" if self.shallow else suggest(revision, [name for name in names if name], _how_to_fetch(revision))
        return f"git does not know the revision {quote(revision)}{f' ({hint})' if hint else self._if_shallow()}"

    def _if_shallow(self) -> str:
        if not self.shallow:
            return ""
        return " (a shallow clone: 'git fetch --unshallow', or fetch-depth: 0 of actions/checkout, fetches the rest)"


def _how_to_fetch(revision: str) -> str:
    """How to get a branch of a remote repository, `origin/main`, that was never fetched; empty for any other name."""
    remote, _, branch = revision.partition("/")
    if not branch or not re.fullmatch(r"\w[\w./-]*", revision):
        return ""
    if remote in run_git("remote").out.decode("utf-8", "replace").split("\n"):
        return f"'git fetch {remote} {branch}' may fetch it"
    return f"there is no remote '{remote}' here" if remote in ("origin", "upstream") else ""


def find_repository() -> Repository:
    """The repository around the current folder.

    Raises:
        UsageError: there is none, or git refuses it.
    """
    asked = ("--is-shallow-repository", "--is-inside-work-tree", "--absolute-git-dir", "--show-cdup")
    found = run_git("rev-parse", *asked)
    if found.code:
        raise UsageError(_explain_failure(found.err))
    shallow, inside, rest = found.out.removesuffix(b"\n").split(b"\n", 2)
    git_folder, _, up = rest.rpartition(b"\n") if inside == b"true" else (rest, b"", b"")
    if "GIT_DIR" not in os.environ and Path.cwd().is_relative_to(os.fsdecode(git_folder)):
        raise UsageError(_BARE)  # for versions of git that have no safe.bareRepository
    if inside != b"true":
        return Repository(None, "", shallow == b"true")
    here = os.path.realpath(Path.cwd())
    root = os.path.realpath(os.path.join(here, os.fsdecode(up)))  # noqa: PTH118 - an absolute `up` replaces `here`
    if "GIT_DIR" not in os.environ and not os.path.lexists(Path(root, ".git")):  # core.worktree names any folder
        return Repository(None, "", shallow == b"true")
    folder = os.path.relpath(here, root).replace(os.sep, "/")
    return Repository(root, "" if folder == "." else folder, shallow == b"true")


def read_objects(names: Iterable[str]) -> Mapping[str, bytes | None]:
    """The bytes of files by the names of their objects; None for a file that is too large for a spec.

    Raises:
        UsageError: an object is missing, as in a partial clone, or damaged.
    """
    asked = sorted(set(names))
    checked = _expect(run_git("cat-file", "--batch-check", given="\n".join([*asked, ""]).encode())).out
    sizes: dict[str, int] = {}
    for line in checked.decode().splitlines():
        name, kind, *size = line.split(" ")
        if kind == "missing":
            raise UsageError(_NOT_HERE)
        if int(size[0]) <= LARGEST_SPEC:
            sizes[name] = int(size[0])
    return {**dict.fromkeys(asked), **dict(_read_batches(sizes))}


def _read_batches(sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """The bytes of objects of these sizes, many in one run of git."""
    batch: list[str] = []
    room = LARGEST_GIT_OUTPUT // 2
    for name, size in sizes.items():
        if batch and size > room:
            yield from _read_batch(batch)
            batch, room = [], LARGEST_GIT_OUTPUT // 2
        batch.append(name)
        room -= size + 100  # with its header
    yield from _read_batch(batch)


def _read_batch(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    out = _expect(run_git("cat-file", "--batch", given="\n".join([*names, ""]).encode())).out if names else b""
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        name, _, size = out[start:end].decode().split(" ")
        yield name, out[end + 1 : end + 1 + int(size)]
        start = end + 2 + int(size)


def quote(text: str) -> str:
    """A name in quotes, on one line and printable whatever it holds."""
    return f"'{visible(text)}'"


def _is_file_itself(path: Path) -> bool:
    """Whether a path is a file, with no symbolic link on the way to it."""
    return path.is_file() and os.path.realpath(path) == str(path)


def _expect(output: Output) -> Output:
    if output.code:
        raise UsageError(_explain_failure(output.err))
    return output


def _explain_failure(complaint: str) -> str:
    """Why git failed, as a sentence."""
    if _NO_REPOSITORY in complaint:
        return "not in a git repository"
    if "dubious ownership" in complaint or "unsafe repository" in complaint:
        return (
            "git does not trust this repository, which belongs to another user: if you do, "
            "'git config --global --add safe.directory' with its path allows it"
        )
    if "bare repository" in complaint:
        return _BARE
    if any(word in complaint for word in ("promisor", "transport", "lazy fetching")):
        return _NOT_HERE
    fatal = re.search(r"(?m)^(?:fatal|error): (.*)", complaint)
    return f"git failed: {visible(fatal[1] if fatal else complaint.strip())}"


def _split(listing: bytes) -> Iterator[str]:
    return (os.fsdecode(line) for line in listing.split(b"\0") if line)
