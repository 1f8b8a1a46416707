"""How long `cnncalc check` takes on all shipped networks, and what a second process gains on a thousand specs.

The gain is told twice: by the clock, which a busy machine blurs, and by processor time: all of it with one process,
over that of the longest way with two (the main process, then the busier of the others): what two free cores take.

python tests/benchmarks/check.py [SPECS]        (aims: the zoo < 4 s; 1,000 specs 1.5 times as fast with two)
"""

from __future__ import annotations

import contextlib
import gc
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from measuring import processes

ROOT = Path(__file__).parents[2]
SPECS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000


def fill(folder: Path) -> None:
    """The shipped specs, again and again."""
    shipped = sorted((ROOT / "specs").glob("*.yaml"))
    for number in range(SPECS):
        path = shipped[number % len(shipped)]
        shutil.copy(path, folder / f"{number:04}_{path.name}")


def processor_time(folder: str, jobs: int, notes: Path) -> float:
    """Seconds of the main process and of the busiest of its others, which each leave a note when they end."""
    from multiprocessing import util

    from cnncalc.checks import many
    from cnncalc.cli.main import main

    begin = many._set_up_worker

    def noting() -> None:
        begin()
        util.Finalize(None, lambda: (notes / f"{os.getpid()}").write_text(str(time.process_time())), exitpriority=1)

    many._set_up_worker = noting
    gc.set_threshold(200_000, 50)  # as the console script has it
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        main(["check", folder, "--jobs", str(jobs)])
    many._set_up_worker = begin
    spent = time.process_time() - start
    for process in multiprocessing.active_children():
        process.join()
    return spent + max((float(note.read_text()) for note in notes.iterdir()), default=0.0)


def main() -> None:
    """Print the medians."""
    check = [sys.executable, "-m", "cnncalc", "check"]
    for name, seconds in processes({"check specs/": [*check, str(ROOT / "specs")]}, rounds=3).items():
        print(f"{name}: {seconds:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        (specs := Path(folder) / "specs").mkdir()
        (notes := Path(folder) / "notes").mkdir()
        fill(specs)
        commands = {f"{jobs}": [*check, str(specs), "--jobs", str(jobs)] for jobs in (1, 2)}
        one, two = processes(commands, rounds=1).values()
        print(f"{SPECS} specs by the clock: {one:.1f} s, with --jobs 2 {two:.1f} s: {one / two:.2f} times as fast")
        one, two = (processor_time(str(specs), jobs, notes) for jobs in (1, 2))
        print(f"by processor time: {one:.1f} s, with --jobs 2 {two:.1f} s: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
