"""A grid gone through, block by block in its order: here, or by joblib and any of its back ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias, cast

from cnncalc.errors import UsageError
from cnncalc.suggest import with_suggestion
from cnncalc.sweeps.block import Block
from cnncalc.sweeps.closed import point_answers
from cnncalc.sweeps.grid import Architecture, Grid

POINTS = 8192  # of a block: enough to be fast, few enough to be small
SHARE = 4  # blocks that a worker computes at once, for each of which it analyses the architecture
MOST_AT_ONCE = 200_000  # points that a back end answers for at once, where it cannot answer one by one
TASKS_AT_ONCE = 512
BACKENDS = ("loky", "threading", "multiprocessing", "dask", "ray")

Task: TypeAlias = tuple[Architecture, int, int]


def blocks(grid: Grid, jobs: int | None = None, backend: str | None = None) -> Iterator[Block]:
    """The points of a grid in its order, in blocks of at most `POINTS`; memory does not grow with the grid.

    With `jobs` or a `backend` they are computed by joblib, in as many processes (None: as the back end has it).
    `dask` runs on the client that there is, else on the cluster that Dask's configuration names
    (DASK_SCHEDULER_ADDRESS), else on one of this machine.

    Raises:
        UsageError: joblib, or what a back end needs, is not installed; no such back end.
    """
    if backend is None and jobs in (None, 1):
        for architecture in grid.architectures():
            yield from _blocks(architecture)
    else:
        yield from _by_joblib(grid, jobs, backend)


def _blocks(architecture: Architecture) -> Iterator[Block]:
    answer = point_answers(architecture)
    for start, stop in _parts(architecture, POINTS):
        yield answer(start, stop)


def _parts(architecture: Architecture, size: int) -> Iterator[tuple[int, int]]:
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
        for start, stop in _parts(architecture, SHARE * POINTS)
    )
    work = joblib.delayed(_part)
    with _cluster(_known(backend), jobs):
        with joblib.parallel_config(backend, n_jobs=jobs or -1) if backend else nullcontext():
            workers = None if backend else jobs
            try:
                parallel = joblib.Parallel(workers, return_as="generator")
            except ValueError:  # a back end that answers all at once, as Ray's does
                parallel = joblib.Parallel(workers)
        rounds = [tasks] if parallel.return_generator else _rounds(tasks)
        for each in rounds:
            yield from parallel(work(*task) for task in each)


def _rounds(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    """Tasks in lists of so many points that their answers are small."""
    found: list[Task] = []
    points = 0
    for task in tasks:
        found.append(task)
        points += task[2] - task[1]
        if points >= MOST_AT_ONCE or len(found) >= TASKS_AT_ONCE:
            yield found
            found, points = [], 0
    if found:
        yield found


def _part(architecture: Architecture, start: int, stop: int) -> Block:
    """What a worker does."""
    return point_answers(architecture)(start, stop)


def _known(backend: str | None) -> str | None:
    if backend is not None and backend not in BACKENDS:
        choices = f"choose from {', '.join(BACKENDS)}"
        raise UsageError(with_suggestion(f"no back end '{backend}'", backend, BACKENDS, choices))
    return backend


def _cluster(backend: str | None, jobs: int | None) -> AbstractContextManager[Any]:
    """What must stand while a back end works: a client of Dask, the registration of Ray's back end."""
    try:
        if backend == "dask":
            return _client(jobs)
        if backend == "ray":
            from ray.util.joblib import register_ray

            register_ray()
    except ImportError as error:
        package = "ray" if backend == "ray" else "dask distributed"
        raise UsageError(f"back end {backend} is not installed: pip install {package} ({error})") from None
    return nullcontext()


def _client(jobs: int | None) -> AbstractContextManager[Any]:
    import dask
    import distributed

    try:
        distributed.get_client()
    except ValueError:  # there is none yet
        configured = dask.config.get("scheduler-address", None)
        own = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
        client: Any = distributed.Client
        return cast("AbstractContextManager[Any]", client(**({} if configured else own)))
    return nullcontext()
