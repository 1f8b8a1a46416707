"""Steps of `gpu_check.sh` that share one process: a line of verdict and figures for each check.

python tests/benchmarks/gpu_steps.py STEP…
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import gpu_faults
import gpu_times
import torch
from gpu_ours import CUDA, LARGE, NAMES, OUT, bench, judge, mark_done, verdict

LIMITS = {"by_hand": 90, "inference": 90, "drift": 45}  # seconds; others have 60
DTYPES = ("fp32", "tf32", "bf16") if CUDA else ("fp32", "bf16")


def inference() -> None:
    """Both networks at the smallest and the largest batch, in every type."""
    for dtype in DTYPES:
        for name in NAMES:
            for batch in (1, LARGE):
                judge("inference", bench(name, batch, dtype, channels_last=dtype == "bf16"), dtype)


def graph() -> None:
    """The same as CUDA graphs, which are not slower."""
    for name in NAMES:
        for batch in (1, LARGE):
            eager = bench(name, batch, "bf16", channels_last=True)
            graphed = bench(name, batch, "bf16", channels_last=True, cuda_graph=True)
            judge("graph", graphed, "bf16")
            faster = eager.timing.median / graphed.timing.median
            verdict(faster >= 0.98, f"graph beside eager, {name} {batch}", f"{faster:.2f} times as fast")


def layers() -> None:
    """The sum of the layers beside the network as a graph; shares that pass their bound without a reason."""
    for name, batch, most in (
        (NAMES[0], LARGE, 1.15),
        (NAMES[0], 1, 1.6),
        ("densenet@201" if CUDA else "lenet5", 1, 1.6),
    ):
        run = bench(name, batch, "bf16", per_layer=True, cuda_graph=CUDA)
        whole, summed = run.timing.median, sum(layer.seconds for layer in run.layers)
        verdict(
            not CUDA or 0.9 <= summed / whole <= most,
            f"layers of {name} {batch}",
            f"sum {summed * 1e3:.3f} ms, network {whole * 1e3:.3f} ms, {len(run.layers)} layers, "
            f"{sum(layer.launch_bound for layer in run.layers)} launch-bound",
        )
        cache = run.details.cache or 0
        over = [layer for layer in run.layers if (layer.share or 0) > 1.05 and layer.work.bytes > cache]
        over = [layer for layer in over if layer.bound.by == "memory"]
        verdict(not CUDA or not over, f"shares of {name} {batch}", f"{len(over)} above 105% whose maps pass the L2")


def training() -> None:
    """A step in every type, and as a graph."""
    for dtype in (*DTYPES, "fp16") if CUDA else ("fp32",):
        judge("training", bench(NAMES[0], 64 if CUDA else 4, dtype, mode="training"), dtype)
    if CUDA:
        judge("training graph", bench(NAMES[0], 64, "bf16", mode="training", cuda_graph=True), "bf16")


STEPS: dict[str, Callable[[], None]] = {
    "inference": inference,
    "graph": graph,
    "layers": layers,
    "training": training,
    "by_hand": gpu_times.by_hand,
    "ceilings": gpu_times.ceilings,
    "drift": gpu_times.drift,
    "nccl": gpu_faults.nccl,
    "capture": gpu_faults.capture,
    "sticky": gpu_faults.sticky,
    "sigint": gpu_faults.sigint,
}


def run(name: str) -> None:
    """One step, at most so long; what it raises is its verdict."""

    def late(*_: object) -> None:
        raise TimeoutError(f"over {LIMITS.get(name, 60)} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMITS.get(name, 60))
    start = time.monotonic()
    try:
        STEPS[name]()
    except Exception as error:
        verdict(False, f"step {name}", f"{type(error).__name__}: {str(error).partition(chr(10))[0][:160]}")
        with Path(OUT, "tracebacks.log").open("a") as file:
            traceback.print_exc(file=file)
    finally:
        signal.alarm(0)
    gc.collect()
    if CUDA:
        torch.cuda.empty_cache()
    print(f"     {name}: {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)  # noqa: PTH103 - as the shell does
    for each in sys.argv[1:]:
        Path(OUT, "started").write_text(each)
        run(each)
        mark_done(each)
