"""Checks many specs, in one process or several; results are in the order of the input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from cnncalc.budget import grant, granted, renew
from cnncalc.checks.collector import Variant
from cnncalc.checks.finding import Severity
from cnncalc.checks.levels import Choice
from cnncalc.checks.run import Checked, check_source
from cnncalc.errors import Source, UsageError
from cnncalc.importers import supplied, supply
from cnncalc.processes import follow_parent, kill_workers, starting_workers, worker_numbers
from cnncalc.records import NamedTuple
from cnncalc.source.reading import read

_LARGEST_CHUNK = 16


class Task(NamedTuple):
    """A spec to check: its path or name, one variant or all (None), and its text unless it is a file."""

    path: str | Path
    variant: Variant = None
    fixable: bool = True  # whether it is a file of the user
    source: Source | None = None


class Failure(NamedTuple):
    """Why a spec could not be checked or fixed, and its file if there is one."""

    text: str
    path: str | None = None


class Run(NamedTuple):
    """The results for many specs: findings, failures, and the number of fixes made."""

    checked: Sequence[Checked]
    wrong: Sequence[Failure] = ()
    fixes: int = 0

    def count(self, level: Severity) -> int:
        """The number of findings of a level."""
        return sum(each.count(level) for each in self.checked)


def check_all(tasks: Sequence[Task], choice: Choice, jobs: int = 1) -> Iterator[Checked | UsageError]:
    """Yield the findings on every spec, or why it cannot be checked, in order.

    Raises:
        UsageError: a worker process was killed.
    """
    check = partial(_check, choice=choice)
    if jobs == 1 or len(tasks) < 2:
        yield from map(check, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_start_method

    jobs = min(jobs, len(tasks))
    chunk = max(1, min(_LARGEST_CHUNK, len(tasks) // (4 * jobs)))
    others, method = worker_numbers(), get_start_method()
    parent = 0 if method == "forkserver" else os.getpid()
    with starting_workers(forking=method == "fork"):
        executor = ProcessPoolExecutor(jobs, initializer=_set_up_worker, initargs=(parent, granted(), supplied()))
        outcomes = executor.map(check, tasks, chunksize=chunk)
    try:
        yield from outcomes
        executor.shutdown()  # its thread, which an exit would otherwise find half gone
    except BrokenProcessPool:
        raise UsageError("a --jobs process was killed (out of memory?): try --jobs 1") from None
    except BaseException:
        kill_workers(spared=others)
        raise
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _check(task: Task, choice: Choice) -> Checked | UsageError:
    renew()
    try:
        return check_source(task.source or read(task.path), choice, task.variant)
    except UsageError as error:
        return error


def _set_up_worker(parent: int, steps: int | None, blocks: Sequence[str]) -> None:
    """Set up a worker: it ends with the process that it works for; it collects little garbage, being short-lived."""
    import gc

    follow_parent(parent)
    supply(blocks)
    if steps is not None:
        grant(steps)
    gc.set_threshold(200_000, 50)
