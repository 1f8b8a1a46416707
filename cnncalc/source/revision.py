"""Reads a spec from a git repository: `REV:path`, as git writes it (`HEAD~1:net.yaml`, `main:specs/net.yaml`).

git is run without a shell and only to read: the object behind a name, its size, its bytes. A revision that looks like
an option is rejected.
"""

from __future__ import annotations

import os

from cnncalc.errors import Source, UsageError
from cnncalc.source.reading import LARGEST_FILE, decode

PATIENCE = 60  # seconds


def read_revision(name: str) -> Source:
    """The text of REV:path; the path is relative to the repository root, or else to the current folder.

    Raises:
        UsageError: git is not installed, this is not a repository, or it has no such revision or path.
    """
    revision, _, path = name.partition(":")
    if revision.startswith("-") or not path or "\0" in name:
        raise UsageError(f"{name}: expected a revision and a path, such as HEAD~1:net.yaml")
    for spec in (f"{revision}:{path}", f"{revision}:./{path}"):
        size = _git("cat-file", "-s", spec)
        if size is not None and _git("cat-file", "-t", spec) == b"blob\n":
            if int(size) > LARGEST_FILE:
                raise UsageError(f"{name}: larger than 4 MiB, the limit for a spec")
            return decode(name, _git("cat-file", "blob", spec) or b"")
    raise UsageError(f"{name}: {_why_not(revision, path)}")


def _why_not(revision: str, path: str) -> str:
    if _git("rev-parse", "--git-dir") is None:
        return "not in a git repository, and there is no file of this name"
    if revision and _git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}") is None:
        return f"git does not know the revision '{revision}'"
    return f"no file '{path}' in {f'revision {revision}' if revision else 'the index'}"


def _git(*arguments: str) -> bytes | None:
    """The output of git; None if it fails."""
    import subprocess  # imported only for names with a revision

    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "--no-pager", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment, timeout=PATIENCE,
        )  # fmt: skip
    except FileNotFoundError:
        raise UsageError("REV:path needs git, which is not installed or not on the PATH") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git failed: {error}") from None
    return done.stdout if done.returncode == 0 else None
