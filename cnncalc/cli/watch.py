"""`--watch`: runs a command again whenever a file that it read changes, until Ctrl-C.

Python reports every file that is opened and every folder that is listed to an audit hook, whatever reads it; files that
are replaced, deleted or not there yet count too. Their state is compared a few times a second.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any, TypeAlias

import typer

from cnncalc.cli.failures import run_guarded
from cnncalc.cli.output import complain, is_terminal, write_data
from cnncalc.cli.project import FILE
from cnncalc.cli.project_specs import FOLDER
from cnncalc.errors import UsageError
from cnncalc.importers import format_of
from cnncalc.loading.names import split_variant
from cnncalc.quantities.sizes import listed, plural
from cnncalc.visible import visible

INTERVAL = 0.2  # seconds
CLEAR = "\033[H\033[2J"
SPECS = (".yaml", ".yml")
_WRITING = os.O_WRONLY | os.O_RDWR
_ENDING = (130, 141)  # exit codes: interrupted, and nobody reads the output any more
State: TypeAlias = "tuple[object, ...] | None"
"""What identifies the content of a file or the specs in a folder; None if there is none."""

_reads: dict[str, State] | None = None  # what the command has read so far, each as it was then


def run_and_watch(names: Sequence[str], call: Callable[[], object], clear: bool = True) -> None:
    """Run a command, and again after every change, whether it succeeds or not.

    Args:
        names: the names that were given; a file of such a name may appear later.
        call: the command.
        clear: whether a terminal is cleared before each run.

    Raises:
        UsageError: a name can be read only once.
    """
    for name in names:
        _require_readable_again(name)
    while True:
        reads = _run(call, names, clear)
        files = sorted(path for path, state in reads.items() if state and state[0] == "file")
        shown = listed([os.path.relpath(path) for path in map(visible, files)], 3)
        complain(f"cnncalc: watching {shown or plural(len(reads), 'path')}: Ctrl-C ends")
        _wait(reads)


def note_read(path: str) -> None:
    """Record a file that another process reads."""
    path = os.path.abspath(path)  # noqa: PTH100 - links are not resolved
    if _reads is not None and path not in _reads:
        _reads[path] = None  # so that listing a folder for its state is not recorded in turn
        _reads[path] = _state(path)


def _run(call: Callable[[], object], names: Sequence[str], clear: bool) -> dict[str, State]:
    """Run a command on a clear screen; return what it read."""
    global _reads
    _install_hook()
    if clear and is_terminal() and os.environ.get("TERM") != "dumb" and os.name != "nt":
        write_data(CLEAR)
    _reads = {}
    for path in (FILE, str(FOLDER), *names, *(split_variant(name)[0] for name in names)):
        note_read(path)
    try:
        code = run_guarded(lambda: _call_and_flush(call))
        reads = _reads
    finally:
        _reads = None
    if code in _ENDING:
        raise typer.Exit(code)
    return reads


def _call_and_flush(call: Callable[[], object]) -> None:
    try:
        call()
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from None
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()


def _wait(reads: dict[str, State]) -> None:
    """Return when something has changed, and has stopped changing."""
    before = now = reads
    while now == before or now != reads:
        reads = now
        sleep(INTERVAL)
        now = {path: _state(path) for path in reads}


@cache
def _install_hook() -> None:
    sys.addaudithook(_record)


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    """Record a file that is opened for reading, or a folder that is listed."""
    if _reads is None or event not in ("open", "os.listdir", "os.scandir"):
        return
    path, mode, flags = arguments if event == "open" else (arguments[0] or ".", "r", 0)
    if isinstance(path, int) or set(mode or "") & set("wax+") or flags & _WRITING:
        return
    path = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links are not resolved
    if path.endswith(SPECS) or not f"{path}{os.sep}".startswith(_code_folders()):
        note_read(path)


@cache
def _code_folders() -> tuple[str, ...]:
    """Folders of Python code, which change only with a new installation, and of devices."""
    here = str(Path.cwd())
    code = {sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), *filter(None, sys.path)}
    folders = {f"{folder}{os.sep}" for folder in code if not f"{here}{os.sep}".startswith(f"{folder}{os.sep}")}
    return (*folders, "/proc/", "/dev/", "/sys/")


def _state(path: str) -> State:
    with suppress(OSError, ValueError):
        status = os.stat(path)  # noqa: PTH116 - any text may come here
        if not stat.S_ISDIR(status.st_mode):
            return ("file", status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev)
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if entry.name.lower().endswith(SPECS) or entry.is_dir()]
        return ("folder", *sorted(names))
    return None


def _require_readable_again(name: str) -> None:
    format_ = format_of(name)
    if name == "-":
        raise UsageError("--watch: the standard input can be read only once: name a file")
    if format_ is not None and format_.prefix and not Path(name).exists():
        raise UsageError(f"--watch: {name}: Python imports code only once: watch the spec that cnncalc import writes")
