"""Runs git. Nothing else in cnncalc does, and nothing in a repository can make it run a program or reach a network.

A repository may come from a stranger: its configuration can name programs (a file system monitor, hooks, pagers,
filters, `textconv`, external diffs), a partial clone fetches missing objects through any transport, and a bare
repository that hides in a folder brings a configuration of its own. Monitors, hooks, pagers, transports and such bare
repositories are switched off. Filters and external diffs run only where git compares or writes files of the working
tree, which no command here does.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_GIT_OUTPUT
from cnncalc.records import NamedTuple

PATIENCE = 60  # seconds
_OVERRIDES = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",  # git 2.38 and later; earlier versions ignore it
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # overrides what the repository allows
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",  # git 2.44 and later; for earlier versions, no protocol is allowed
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class Output(NamedTuple):
    """What git wrote, and its exit code."""

    code: int
    out: bytes
    err: str


def run_git(*arguments: str, given: bytes = b"", folder: str | None = None) -> Output:
    """Run a git command, with `given` as its standard input.

    Raises:
        UsageError: git is not installed, cannot be started, does not end, or writes too much.
    """
    overrides = [word for name, value in _OVERRIDES.items() for word in ("-c", f"{name}={value}")]
    command = [_find_git(), "--no-pager", *overrides, *arguments]
    environment = {**os.environ, **_ENVIRONMENT, "PATH": os.pathsep.join(_absolute_folders())}
    with TemporaryFile() as asked, TemporaryFile() as complaints:
        asked.write(given)
        asked.seek(0)
        try:
            process = subprocess.Popen(
                command, stdin=asked, stdout=subprocess.PIPE, stderr=complaints, cwd=folder, env=environment
            )
        except (OSError, ValueError) as error:
            raise UsageError(f"git cannot be started: {error}") from None
        code, out = _wait(process)
        complaints.seek(0)
        return Output(code, out, complaints.read(4096).decode("utf-8", "replace"))


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """The exit code of a process and its output; the process has ended when this returns or raises."""
    assert process.stdout is not None
    late = Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = Timer(PATIENCE, stop)
    timer.daemon = True
    timer.start()
    with process:
        try:
            out = process.stdout.read(LARGEST_GIT_OUTPUT + 1)
            if len(out) > LARGEST_GIT_OUTPUT:
                raise UsageError(
                    f"git writes more than {LARGEST_GIT_OUTPUT >> 20} MiB about this repository: too many files"
                )
            code = process.wait()
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        raise UsageError(f"git did not answer within {PATIENCE} seconds")
    return code, out


def _find_git() -> str:
    """The path of git: only absolute folders of the PATH count, so that the current folder cannot provide it."""
    for folder in _absolute_folders():
        path = Path(folder, "git.exe" if os.name == "nt" else "git")
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise UsageError("git is needed for a revision, but it is not installed or not on the PATH")


def _absolute_folders() -> list[str]:
    return [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
