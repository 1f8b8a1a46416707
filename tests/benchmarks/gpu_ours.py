"""What `cnncalc bench` measures, for the steps of `gpu_check.sh`, and their verdicts."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import cnncalc
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.results.run import Run
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.session import Session
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.team import Solo, Team

ON = os.environ.get("GPU_CHECK_ON", "cuda")
OUT = os.environ.get("GPU_CHECK_OUT", ".")
CUDA = ON.startswith("cuda")
NAMES = ("resnet@50", "mobilenet_v2") if CUDA else ("lenet5",)
LARGE = 256 if CUDA else 4
SECONDS = 0.5 if CUDA else 0.05
NEAR = 0.02  # by so much a measured peak may differ from the predicted
MUCH = 50e6  # bytes from which it is held to that
CEILINGS: dict[str, Ceilings] = {}


def verdict(good: bool, name: str, figures: str) -> None:
    """A line, printed and kept."""
    line = f"{'PASS' if good else 'FAIL'} {name}: {figures}"
    print(line, flush=True)
    with Path(OUT, "verdicts.txt").open("a") as file:
        file.write(line + "\n")


def mark_done(step: str) -> None:
    """So that no later process repeats a step."""
    with Path(OUT, "done").open("a") as file:
        file.write(step + "\n")


@cache
def graph_of(name: str) -> Graph:
    """A shipped network."""
    return cnncalc.load(name).graph()


def session(dtype: str, team: Team | None = None, **settings: Any) -> Session:
    """A session whose ceilings are measured once a type."""
    asked = Settings(dtype=dtype, **{"duration": SECONDS, **settings})  # type: ignore[arg-type]
    made = Session(open_device(ON), asked, team or Solo(), lambda text: None)
    made._ceilings = CEILINGS.get(dtype)
    CEILINGS[dtype] = made.ceilings
    return made


def bench(name: str, batch: int, dtype: str, team: Team | None = None, **settings: Any) -> Run:
    """One run."""
    (run,) = session(dtype, team, **settings).runs(Named(name, graph_of(name)), (batch,))
    return run


def half(run: Run) -> float:
    """Half the interval, as a share of the median."""
    low, high = run.timing.interval or run.timing.summary.quartiles
    return (high - low) / 2 / run.timing.median


def judge(step: str, run: Run, dtype: str) -> None:
    """A run passes that settled, whose share of the roofline can be, and whose peak is as predicted."""
    tensors, allocated, predicted = run.peak
    near = tensors is None or predicted is None or tensors < MUCH or abs(tensors / predicted - 1) <= NEAR
    good = run.timing.settled and run.timing.interval is not None and 0 < run.share <= 1.05 and near
    megabytes = " / ".join("-" if size is None else f"{size / 1e6:,.1f}" for size in (tensors, predicted, allocated))
    waiting = "" if run.waiting is None else f", launch-bound {run.waiting:.0%}"
    drift = "" if run.timing.drift is None else f", drift {run.timing.drift:+.1%}"
    verdict(
        good if CUDA else run.timing.median > 0,
        f"{step} {run.network} {run.batch} {dtype}",
        f"{run.timing.median * 1e3:.3f} ms ±{half(run):.2%}, {run.images:,.0f}/s, {run.share:.0%} of the roofline, MB "
        f"tensors / predicted / allocated {megabytes}{waiting}{drift}{'' if run.timing.settled else ', NOT settled'}",
    )
