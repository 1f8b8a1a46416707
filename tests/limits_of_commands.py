"""What each limit on commands lets pass, and what not: as `tests/limits.py` has it for the others."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from itertools import chain, repeat
from pathlib import Path

import pytest

import cnncalc
from cnncalc import budget
from cnncalc.cli.main import main
from cnncalc.errors import UsageError
from cnncalc.limits import MOST_JOBS
from cnncalc.quantities.given import whole_number
from cnncalc.sweeps.grid import NetworkText, read_grid
from cnncalc.sweeps.values import join_parts

from .limits import tries


def refusal(*arguments: str) -> None:
    """Run a command; what it writes to standard error when it refuses is raised."""
    with redirect_stderr(io.StringIO()) as said, redirect_stdout(io.StringIO()):
        code = main(list(arguments))
    if code == 2:
        raise UsageError(said.getvalue())


@tries("STEPS", "the budget of {:,} steps is spent")
def steps(n, *more):
    budget.grant()
    try:
        for count in (n, *more):
            budget.spend(count, "a test")
    finally:
        budget.end()


@tries("MEMORY", "more than 2,048 MiB of memory are in use")
def memory(n):
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "torch", raising=False)
        held = chain([1], repeat(1 + n))
        patch.setattr(budget, "resident_bytes", lambda: next(held))
        steps(budget.BETWEEN_LOOKS, budget.BETWEEN_LOOKS)


@tries("MOST_CHECKS", "not tried: too many were refused")
def checks(n):
    """Fixes that an expectation forbids are refused one by one, after halving their number down to 1."""
    fixes = next(fixes for fixes in range(1, n + 1) if fixes + fixes.bit_length() - 1 == n)
    layers = "  - conv: {out_channels: 3, kernel_size: 1}\n  - batchnorm\n" * fixes
    Path("net.yaml").write_text(f"input: 3x8x8\nlayers:\n{layers}expect: {{params: {18 * fixes}}}\n")
    with redirect_stderr(io.StringIO()) as said:
        main(["check", "--fix", "net.yaml"])
    if "not tried" in said.getvalue():
        raise UsageError(said.getvalue())


@tries("MOST_POINTS", "but a sweep takes at most {:,}")
def points(n):
    read_grid([NetworkText.of(cnncalc.load("mobilenet_v2"), "m")], (), (f"3x{{1:{n}}}",))


@tries("LARGEST_BUDGET", "--budget: expected a whole number from 1 to {:,}")
def asked_budget(n):
    refusal("list", "--budget", str(n))


@tries("MOST_JOBS", "--jobs: expected a whole number from 1 to {:,}")
def jobs(n):
    whole_number("--jobs", str(n), MOST_JOBS)


@tries("MOST_SHOWN", "more than {:,} points to show")
def shown(n):
    refusal("sweep", "relu", "--input", f"1x{{1:{n}}}")


@tries("MOST_LISTED", "more than {:,} values in total")
def listed(n):
    join_parts([range(n - 1), range(1)], "--set x")


@tries("MOST_KEPT", "more than {:,} points are Pareto-optimal", lowered=("cnncalc.sweeps.pareto", 10))
def kept(n):
    refusal("sweep", "relu", "--input", f"1x{{1:{n}}}", "--pareto", "params")
