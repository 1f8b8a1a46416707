"""Computes a grid block by block in its order, in this process or by joblib and any of its back ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias, cast

from cnncalc.budget import grant, granted
from cnncalc.errors import UsageError
from cnncalc.processes import follow_starter, starting_workers
from cnncalc.suggest import with_suggestion
from cnncalc.sweeps.block import Block
from cnncalc.sweeps.closed import point_answers
from cnncalc.sweeps.grid import Architecture, Grid

POINTS = 8192  # per block: a compromise between speed and memory
SHARE = 4  # blocks per task of a worker, which analyses the architecture once per task
MOST_AT_ONCE = 200_000  # points per round, for back ends that cannot return results one by one
TASKS_AT_ONCE = 512
BACKENDS = ("loky", "threading", "multiprocessing", "dask", "ray")

Task: TypeAlias = tuple[Architecture, int, int]


def blocks(grid: Grid, jobs: int | None = None, backend: str | None = None) -> Iterator[Block]:
    """Yield the points of a grid in its order, in blocks of at most `POINTS`; memory does not grow with the grid.

    With `jobs` or a `backend` they are computed by joblib, in that many processes (None: the back end's default).
    `dask` uses the current client, else the cluster of Dask's configuration (DASK_SCHEDULER_ADDRESS), else a local one.

    Raises:
        UsageError: joblib, or a package that the back end needs, is not installed, or there is no such back end.
    """
    if backend is None and jobs in (None, 1):
        for architecture in grid.architectures():
            yield from _blocks(architecture)
    else:
        yield from _by_joblib(grid, jobs, backend)


def _blocks(architecture: Architecture) -> Iterator[Block]:
    answer = point_answers(architecture)
    for start, stop in _ranges(architecture, POINTS):
        yield answer(start, stop)


def _ranges(architecture: Architecture, size: int) -> Iterator[tuple[int, int]]:
    count = architecture.inputs.points
    return ((start, min(start + size, count)) for start in range(0, count, size))


def _by_joblib(grid: Grid, jobs: int | None, backend: str | None) -> Iterator[Block]:
    try:
        import joblib
    except ImportError:
        raise UsageError("--jobs above 1 needs joblib: pip install 'cnncalc[sweep]'") from None
    tasks = (
        (architecture, start, stop)
        for architecture in grid.architectures()
        for start, stop in _ranges(architecture, SHARE * POINTS)
    )
    work = joblib.delayed(_compute_task)
    with _started(backend, jobs):
        with joblib.parallel_config(backend, n_jobs=jobs or -1) if backend else nullcontext():
            workers = None if backend else jobs
            try:
                parallel = joblib.Parallel(workers, return_as="generator")
            except ValueError:  # a back end that returns all results at once, as Ray's does
                parallel = joblib.Parallel(workers)
        rounds = [tasks] if parallel.return_generator else _group_tasks(tasks)
        for each in rounds:
            with starting_workers(deaf=parallel.return_generator):
                points = parallel(work(*task, os.getpid(), granted()) for task in each)
            yield from points


def _group_tasks(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    """Group tasks so that the results of a group are small."""
    group: list[Task] = []
    points = 0
    for task in tasks:
        group.append(task)
        points += task[2] - task[1]
        if points >= MOST_AT_ONCE or len(group) >= TASKS_AT_ONCE:
            yield group
            group, points = [], 0
    if group:
        yield group


def _compute_task(architecture: Architecture, start: int, stop: int, starter: int, steps: int | None) -> Block:
    """Compute the points of one task, in a worker of the process `starter`, with so many steps for each."""
    follow_starter(starter)
    if steps is not None:
        grant(steps)
    return point_answers(architecture)(start, stop)


def _require_known(backend: str | None) -> str | None:
    if backend is not None and backend not in BACKENDS:
        choices = f"choose from {', '.join(BACKENDS)}"
        raise UsageError(with_suggestion(f"unknown back end '{backend}'", backend, BACKENDS, choices))
    return backend


@contextmanager
def _started(backend: str | None, jobs: int | None) -> Iterator[None]:
    """Start a back end, and end it with the context."""
    with starting_workers():
        cluster = _cluster(_require_known(backend), jobs)
    with cluster:
        yield


def _cluster(backend: str | None, jobs: int | None) -> AbstractContextManager[Any]:
    """Set up a back end: a client of Dask, or the registration of Ray's back end."""
    try:
        if backend == "dask":
            return _dask_client(jobs)
        if backend == "ray":
            from ray.util.joblib import register_ray

            register_ray()
    except ImportError as error:
        package = "ray" if backend == "ray" else "dask distributed"
        raise UsageError(f"back end {backend} is not installed: pip install {package} ({error})") from None
    return nullcontext()


def _dask_client(jobs: int | None) -> AbstractContextManager[Any]:
    import dask
    import distributed

    try:
        distributed.get_client()
    except ValueError:  # there is no client yet
        configured = dask.config.get("scheduler-address", None)
        own = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
        client: Any = distributed.Client
        return cast("AbstractContextManager[Any]", client(**({} if configured else own)))
    return nullcontext()
