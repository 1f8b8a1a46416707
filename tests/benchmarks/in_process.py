"""In one process: load, analysis, growth, receptive fields and views; with `--against PATH` beside another checkout.

    python tests/benchmarks/in_process.py --against ../before

Both checkouts are measured in turn, in processes of their own, and the ratio is that of the medians. Processor time,
which other processes do not lengthen.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from growth import SPEC
from measuring import interleaved

HERE = Path(__file__).resolve().parents[2]
ROUNDS = 1
DEEP = """
input: 16x64x64
layers:
  - sequence:
      - residual:
          - conv: {out_channels: 16, kernel_size: 3, padding: 1}
          - relu
      - relu
    repeat: 2500
"""


def calls() -> dict[str, tuple[Callable[[], object], int]]:
    """What is measured, and into how many parts its time is divided."""
    import cnncalc

    resnet = cnncalc.load("resnet@50")
    small, large = (cnncalc.parse(SPEC.format(blocks=nodes // 5)) for nodes in (1_000, 99_000))
    deep = cnncalc.parse(DEEP)
    return {
        "load": (lambda: cnncalc.load("resnet@50"), 1),
        "load and analysis": (lambda: cnncalc.load("resnet@50").analyze().totals, 1),
        "analysis": (lambda: resnet.analyze().totals, 1),
        "JSON document": (lambda: resnet.analyze().to_dict(), 1),
        "view": (lambda: resnet.analyze()._repr_html_(), 1),
        "a node of 1,000": (lambda: small.analyze().totals, 1_000),
        "a node of 99,000": (lambda: large.analyze().totals, 99_000),
        "analysis of 10,000 layers": (lambda: deep.analyze().totals, 1),
        "and their receptive fields": (lambda: deep.analyze().receptive_fields, 1),
    }


def measure() -> dict[str, float]:
    """Median seconds by what is measured, a part each."""
    measured = calls()
    quick = {name: call for name, (call, _) in measured.items() if "0," not in name}
    slow = {name: call for name, (call, _) in measured.items() if "0," in name or "fields" in name}
    times = interleaved(quick, 15, time.process_time) | interleaved(slow, 1, time.process_time)
    times["receptive fields, a layer of 10,000"] = (
        times.pop("and their receptive fields") - times.pop("analysis of 10,000 layers")
    ) / 10_000
    return {name: seconds / measured[name][1] if name in measured else seconds for name, seconds in times.items()}


def measured_in(checkout: Path) -> dict[str, float]:
    """The same of another checkout, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, __file__, "--json"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of several runs, by what is measured."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main(arguments: list[str]) -> None:
    """Print the times, and what they are to those of another checkout."""
    if arguments == ["--json"]:
        print(json.dumps(measure()))
        return
    others = [Path(path).resolve() for path in arguments[1:]] if arguments[:1] == ["--against"] else []
    runs: dict[Path, list[dict[str, float]]] = {path: [] for path in (HERE, *others)}
    for _ in range(ROUNDS if others else 1):
        for path, found in runs.items():
            found.append(measured_in(path))
    ours, *theirs = map(medians, runs.values())
    for name, seconds in ours.items():
        beside = "".join(f"  {other[name] * 1e6:12.1f} µs  {seconds / other[name]:6.2f}x" for other in theirs)
        print(f"{name:<38}{seconds * 1e6:12.1f} µs{beside}")


if __name__ == "__main__":
    main(sys.argv[1:])
