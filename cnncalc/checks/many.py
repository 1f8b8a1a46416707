"""Many specs checked, one after the other or in several processes; what comes out is in the order of what goes in."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from functools import partial

from cnncalc.checks.collector import Variant
from cnncalc.checks.finding import Severity
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import Checked, check_source
from cnncalc.errors import Source, UsageError
from cnncalc.records import NamedTuple
from cnncalc.source.reading import read

_LARGEST_CHUNK = 16


class Task(NamedTuple):
    """A spec to check: its path (`-`: the standard input), one variant or all, its text where that is no file's."""

    path: str
    variant: Variant = None
    fixable: bool = True  # a file of the user's
    source: Source | None = None


class Failure(NamedTuple):
    """Why a spec could not be looked at or fixed, and its file where there is one."""

    text: str
    path: str | None = None


class Run(NamedTuple):
    """All that came of many specs: what is said of them, why some could not be looked at or fixed, fixes made."""

    checked: Sequence[Checked]
    wrong: Sequence[Failure] = ()
    fixes: int = 0

    def count(self, level: Severity) -> int:
        """How many findings of a level there are."""
        return sum(each.count(level) for each in self.checked)


def check_all(tasks: Sequence[Task], choice: Choice, jobs: int = 1) -> Iterator[Checked | UsageError]:
    """What is said of every spec, or why it cannot be looked at, in their order.

    Raises:
        UsageError: a process ended before its work was done.
    """
    check = partial(_check, choice=choice)
    if jobs == 1 or len(tasks) < 2 or any(task.path == "-" for task in tasks):
        yield from map(check, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    jobs = min(jobs, len(tasks))
    chunk = max(1, min(_LARGEST_CHUNK, len(tasks) // (4 * jobs)))
    executor = ProcessPoolExecutor(jobs, initializer=_begin)
    try:
        yield from executor.map(check, tasks, chunksize=chunk)
    except BrokenProcessPool:
        raise UsageError("a --jobs process was killed (out of memory?): try --jobs 1") from None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _check(task: Task, choice: Choice) -> Checked | UsageError:
    try:
        return check_source(task.source or read(task.path), choice, task.variant)
    except UsageError as error:
        return error


def _begin() -> None:
    """In every process: an interrupt ends it at once, without a word; short lives are not worth collections."""
    import gc

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(200_000, 50)
