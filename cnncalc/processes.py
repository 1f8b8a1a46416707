"""Starts other processes of Python: none looks for modules in the current folder, and none outlives this one.

The current folder may be a stranger's repository, with a `numpy.py` of its own. Python puts it first on the path of
`python -c` and `python -m`, by which workers are started.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path

_ENVIRONMENT = {
    "PYTHONSAFEPATH": "1",  # Python 3.11 and later: the current folder stays off the path
    "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",  # of what is left to clean up after an interruption
}
_OFTEN = 0.2  # seconds between two looks at whether the parent is alive
_PATIENCE = 300  # milliseconds until a process that is killed is gone
_QUIET = 5  # milliseconds without a new worker, after which none comes
_TRACKERS = ("multiprocessing.resource_tracker", "joblib.externals.loky.backend.resource_tracker")


def isolated_python(program: str) -> list[str]:
    """The command that runs a program in a process of its own, which finds the packages that this one finds.

    In isolated mode alone, it would not find packages that only PYTHONPATH or the user's site-packages hold.
    """
    here = Path.cwd()
    path = [str(Path(entry).resolve()) for entry in sys.path if entry and Path(entry).resolve() != here]
    return [sys.executable, "-I", "-c", f"import sys\nsys.path[:] = {path!r}\n{program}"]


@contextmanager
def starting_workers(forking: bool = False, deaf: bool = True) -> Iterator[None]:
    """Start workers in this context: isolated as above, and deaf to Ctrl-C, which this process handles for them.

    This process is deaf to it too in this context, which should therefore be short; `deaf=False` leaves that out.

    Before Python 3.11 they are started in the folder of the standard library instead; a worker that is not forked then
    returns to this folder once it has loaded what it needs.
    """
    before, folder, blocked = {name: os.environ.get(name) for name in _ENVIRONMENT}, Path.cwd(), None
    os.environ.update(_ENVIRONMENT)
    try:
        if sys.version_info < (3, 11) and not forking:
            os.chdir(Path(os.__file__).parent)
        if os.name != "nt":
            if not forking:
                _start_trackers()
            held = [signal.SIGINT] if deaf else []
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, held)
        yield
    finally:
        os.chdir(folder)
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _start_trackers() -> None:
    """Start the processes that clean up after workers: they unblock signals, and would do so when workers start."""
    for name in _TRACKERS:
        with suppress(ImportError):
            import_module(name).ensure_running()


def follow_parent(parent: int) -> None:
    """End this worker as soon as the process that it works for ends, for whatever reason. Call it once, in the worker.

    Args:
        parent: the process that this one must be a child of; 0 if another process forks the workers (forkserver).
    """
    import threading

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    expected = parent or os.getppid()
    threading.Thread(target=_watch, args=(expected,), daemon=True).start()


@cache
def follow_starter(number: int) -> None:
    """End this process with the process of that number, if it is a worker that was started there, and not elsewhere."""
    from multiprocessing import parent_process

    starter = parent_process()
    if starter is not None and starter.pid == number:
        follow_parent(number)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_OFTEN)
    os._exit(1)


def kill_workers(spared: frozenset[int] = frozenset()) -> set[int]:
    """Kill the workers that this process has started, other than those spared, and return their numbers."""
    active_children = getattr(sys.modules.get("multiprocessing.process"), "active_children", tuple)
    numbers = {worker.pid for worker in active_children() if worker.pid} - spared
    for number in numbers:
        with suppress(OSError):
            os.kill(number, getattr(signal, "SIGKILL", signal.SIGTERM))
    return numbers


def end_workers() -> None:
    """Kill all workers, and wait until they are gone; for a process that ends without returning to its code.

    A thread of a pool may be about to replace those that are killed: a worker forked from now on ends at once, and one
    that has just been forked is waited for.
    """
    if not kill_workers():
        return
    _Ending.now = True
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_end_at_once)
    quiet = 0
    for _ in range(_PATIENCE):
        quiet = 0 if kill_workers() else quiet + 1
        if quiet == _QUIET:
            break
        time.sleep(0.001)


class _Ending:
    """Whether this process is ending."""

    now = False


def _end_at_once() -> None:
    if _Ending.now:
        os._exit(1)


def worker_numbers() -> frozenset[int]:
    """The process numbers of the workers that run now."""
    from multiprocessing import active_children

    return frozenset(worker.pid or 0 for worker in active_children())
