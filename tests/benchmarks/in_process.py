"""In one process: load, analysis, growth, receptive fields and views; with `--against PATH` beside another checkout.

    python tests/benchmarks/in_process.py --against ../before

Both checkouts are measured in turn, five times, each time in a process of its own; the ratio is that of the medians.
Processor time, which other processes do not lengthen. It takes a minute.

"first" is the analysis of a spec that was just loaded; the others analyse one spec again, as sweeps and notebooks do.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

from growth import NODES_A_BLOCK, SPEC
from measuring import interleaved

HERE = Path(__file__).resolve().parents[2]
ROUNDS = 5  # processes of each checkout
TURNS = 9  # of each quick call in a process
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


def quick() -> dict[str, Callable[[], object]]:
    """Calls of a few milliseconds, of which one process takes the median."""
    import cnncalc

    resnet, lenet = cnncalc.load("resnet@50"), cnncalc.load("lenet5")
    new_resnets = iter([cnncalc.load("resnet@50") for _ in range(TURNS + 1)])
    new_lenets = iter([cnncalc.load("lenet5") for _ in range(TURNS + 1)])
    small = cnncalc.parse(SPEC.format(blocks=1_000 // NODES_A_BLOCK))
    return {
        "load of resnet@50": lambda: cnncalc.load("resnet@50"),
        "load of lenet5": lambda: cnncalc.load("lenet5"),
        "first analysis of resnet@50": lambda: next(new_resnets).analyze().totals,
        "first analysis of lenet5": lambda: next(new_lenets).analyze().totals,
        "analysis of resnet@50": lambda: resnet.analyze().totals,
        "analysis of lenet5": lambda: lenet.analyze().totals,
        "analysis and JSON of resnet@50": lambda: resnet.analyze().to_dict(),
        "analysis and view of resnet@50": lambda: resnet.analyze()._repr_html_(),
        "a node of 1,000": lambda: small.analyze().totals,
    }


def measure() -> dict[str, float]:
    """Seconds by what is measured; those of large networks are divided by their nodes or layers."""
    import cnncalc

    times = interleaved(quick(), TURNS, process_time)
    times["a node of 1,000"] /= 1_000
    large = cnncalc.parse(SPEC.format(blocks=99_000 // NODES_A_BLOCK))
    times["a node of 99,000"] = seconds(lambda: large.analyze().totals) / 99_000
    report = cnncalc.parse(DEEP).analyze()
    times["receptive fields, a layer of 10,000"] = seconds(lambda: report.receptive_fields) / 10_000
    return times


def seconds(call: Callable[[], object]) -> float:
    """The processor time of one call."""
    begin = process_time()
    call()
    return process_time() - begin


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
