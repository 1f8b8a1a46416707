"""Interleaved runs and their medians, so that a busy machine slows all that is compared alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping

ROUNDS = 15


def processes(commands: Mapping[str, list[str]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median time of each command as a process, in seconds; byte code is cached, as it is once installed."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{tempfile.gettempdir()}/cnncalc-benchmarks"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(command: list[str]) -> None:
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    return interleaved({name: (lambda command=command: run(command)) for name, command in commands.items()}, rounds)


def interleaved(
    calls: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """The median time of each call, in seconds; the first round, which warms caches, is not counted."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = clock()
            call()
            if turn:
                times[name].append(clock() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def python(code: str) -> list[str]:
    """The command that runs a piece of Python."""
    return [sys.executable, "-c", code]


def table(rows: Mapping[str, float], reference: str) -> str:
    """Medians in milliseconds, and what each is to the reference."""
    width = max(map(len, rows))
    lines = [
        f"{name:<{width}}  {seconds * 1e3:9.1f} ms  {seconds / rows[reference]:7.2f}x" for name, seconds in rows.items()
    ]
    return "\n".join(lines)
