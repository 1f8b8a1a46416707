"""Runs one case in this process, in a folder of its own, and says what is wrong with its end.

What is wrong: an exception that reaches the top, an exit code other than 0, 1 and 2, memory that runs out, an endless
run, JSON that is none, and files that nobody asked for.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cnncalc.cli.main import main

from ..effort import TooManyStepsError, steps
from . import fence
from .cases import Case

SWITCHES = ("COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")
ENDLESS = 60  # seconds of processor time
ROOM = 3 * 2**30  # bytes of addresses above what is in use
CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f\x80-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
WRITTEN = {"out.file", "out.file.data"}


class EndlessError(BaseException):
    """The processor time of one case is over; no `Exception`, which a command would turn into a message."""


class End(NamedTuple):
    """The end of a case: what is wrong, if anything, and the lines that tell it from other findings."""

    code: int | None
    problem: str | None
    signature: str = ""


def run(case: Case) -> End:
    """Run a case; never raises."""
    with _folder(case.files) as folder, _environment(case.environment), _alarm():
        out, err = _stream(case), _stream(case)
        before = sys.stdin, sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(case.files.get("-", b"")), "utf-8"), out, err
        try:
            code = main(list(case.arguments))
        except BaseException as error:  # whatever it is, it is a finding
            return End(None, "".join(traceback.format_exception(error)[-6:]), _sign(error))
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
        return _judge(case, code, _text(out), _text(err), folder)


def count_steps(case: Case, most: int) -> str | None:
    """Run a case again; a sentence if it takes more steps."""
    try:
        count = steps(lambda: run(case), most)
    except TooManyStepsError as error:
        return str(error)
    return f"more than {most:,} steps" if count > most else None


def peak() -> int:
    """The most memory that this process has held, in bytes; Linux's ru_maxrss would count what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def limit_memory() -> None:
    """Let this process have `ROOM` and no more: an allocation that is too large fails, and the machine lives on."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))


def _judge(case: Case, code: int, out: str, err: str, folder: Path) -> End:
    if code not in (0, 1, 2):
        return End(code, f"exit code {code}: {err[-500:]}", f"exit code {code}")
    if "out of memory" in err:
        return End(code, err[-500:], "out of memory")
    if "Traceback (most recent" in err or "object at 0x" in out + err:
        return End(code, (out + err)[-500:], "Python's insides")
    if code == 2 and not (out + err).strip():
        return End(code, "exit code 2 without a message", "no message")
    if new := {path.name for path in folder.iterdir()} - set(case.files) - set(case.arguments) - WRITTEN:
        return End(code, f"left behind: {sorted(new)}", "left behind")
    if (
        "always" not in case.arguments
        and "FORCE_COLOR" not in case.environment
        and (control := CONTROL.search(out + err))
    ):
        return End(code, f"a control character is printed: {control[0]!r}", "control character")
    if code == 0 and "json" in case.arguments and out.strip():
        try:
            json.loads(out, parse_constant=lambda word: word + 1)
        except (ValueError, TypeError) as error:
            return End(code, f"not JSON: {error}: {out[:200]}", "not JSON")
    return End(code, None)


def _sign(error: BaseException) -> str:
    """The kind of an exception, and where in the package it was raised."""
    if isinstance(error, EndlessError):
        return "EndlessError"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/cnncalc/" in frame.filename]
    last = frames[-1] if frames else None
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.name}" if last else type(error).__name__


def _stream(case: Case) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), case.environment.get("ENCODING", "utf-8"))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    content = buffer.getvalue()
    try:
        return content.decode()  # data is UTF-8, whatever the stream has
    except UnicodeDecodeError:
        return content.decode(stream.encoding, "replace")


@contextmanager
def _folder(files: dict[str, bytes]) -> Iterator[Path]:
    before = Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="fuzz")).resolve()
    for name, content in files.items():
        if name != "-":
            (folder / name).write_bytes(content)
    os.chdir(folder)
    fence.enter(folder)
    try:
        yield folder
    finally:
        fence.enter(None)
        os.chdir(before)
        shutil.rmtree(folder)


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    for name in SWITCHES:
        os.environ.pop(name, None)
    os.environ.update(given, CNNCALC_TRACEBACK="1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, ENDLESS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(number: int, frame: object) -> None:
    raise EndlessError(f"more than {ENDLESS} seconds of processor time")
