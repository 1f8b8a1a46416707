"""Counts the kernels of timm's networks, to which `fit_times.py` fits the devices.

    python tests/benchmarks/timm_kernels.py RUNS.csv KERNELS.csv [MINUTES]

Adds rows to KERNELS.csv (tests/data/timm_kernels.csv) for networks of the table of runs that it lacks, families with
few rows first, until the minutes (60) are over. Needs timm and PyTorch. A network that cannot be imported within
`PATIENCE` seconds is left out, with the reason on stderr. `unknown` is 1 if the MACs of some layer are not known.
"""

from __future__ import annotations

import csv
import signal
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import timm
import torch
from timm.models._registry import _model_to_module

from cnncalc import from_torch
from cnncalc.analysis.cost import macs_of
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph, Node
from cnncalc.prediction.fusing import compiled_kernels
from cnncalc.prediction.groups import group_of
from cnncalc.prediction.kernels import at_inference, eager_kernels
from cnncalc.prediction.terms import totals

PATIENCE = 90  # seconds for a network
VARIANTS = {
    "eager_amp": (eager_kernels, "amp"), "compiled_amp": (compiled_kernels, "amp"),
    "compiled_bf16": (compiled_kernels, "bf16"), "compiled_fp32": (compiled_kernels, "fp32"),
}  # fmt: skip
ONCE = ("dense_macs", "product_macs", "grouped_macs", "depthwise_macs", "wide_depthwise_macs")
EACH = ("conv_bytes", "other_bytes", "launches")


def main() -> None:
    """Append a row per network."""
    with Path(sys.argv[1]).open() as file:
        runs = Counter((run["model"], int(run["img_size"])) for run in csv.DictReader(file))
    path = Path(sys.argv[2])
    with path.open() as file:
        rows = list(csv.DictReader(file))
    end = time.monotonic() + 60 * float(sys.argv[3] if len(sys.argv) > 3 else 60)
    done = {(row["model"], int(row["img_size"])) for row in rows}
    with path.open("a") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        for name, size in _in_order(runs, done, Counter(row["family"] for row in rows)):
            if time.monotonic() > end:
                break
            try:
                writer.writerow(row_of(name, size, _limited(name, size)))
                file.flush()
            except (CnncalcError, RuntimeError, TypeError, ValueError, AssertionError, TimeoutError) as error:
                print(f"{name} at {size}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)


def _in_order(runs: Counter[tuple[str, int]], done: set[tuple[str, int]], seen: Counter[str]) -> list[tuple[str, int]]:
    """Networks that are missing: of each family the one with most runs first, the families with fewest rows first."""
    left = sorted((key for key in runs if key not in done and timm.is_model(key[0])), key=lambda key: -runs[key])
    places = []
    for key in left:
        family = _model_to_module[key[0]]
        places.append((seen[family], key))
        seen[family] += 1
    return [key for _, key in sorted(places, key=lambda place: place[0])]


def _limited(name: str, size: int) -> Graph:
    """The graph of a network, or a TimeoutError."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"takes more than {PATIENCE} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        return graph_of(name, size)
    finally:
        signal.alarm(0)


def graph_of(name: str, size: int) -> Graph:
    """The graph of a network for images of a size."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                network = _created(name, size)
            return from_torch(network.eval(), (3, size, size), flat=True).analyze().graph
        except (NotImplementedError, RuntimeError):  # it computes with its weights when it is made
            return from_torch(_created(name, size).eval(), (3, size, size), flat=True).analyze().graph


def _created(name: str, size: int) -> torch.nn.Module:
    try:
        return timm.create_model(name, img_size=size)
    except TypeError:  # most networks have no size of their own
        return timm.create_model(name)


def _multiplies_maps(node: Node) -> bool:
    return group_of(node) == "attention" or (group_of(node) == "product" and not node.weights)


def row_of(name: str, size: int, graph: Graph) -> dict[str, object]:
    """What the kernels of a network amount to, as a row of the table."""
    nodes = at_inference(graph)
    counted = {variant: totals(kernels(graph, dtype), dtype) for variant, (kernels, dtype) in VARIANTS.items()}
    every = counted["eager_amp"]
    return {
        "model": name,
        "img_size": size,
        "family": _model_to_module[name],
        "attention": int(any(_multiplies_maps(node) for node in nodes)),
        "unknown": int(any(macs_of(node) is None for node in nodes)),
        **{term: every[term] for term in ONCE},
        "weights": every["weight_bytes"] // 2,
        **{f"{variant}_{term}": amounts[term] for variant, amounts in counted.items() for term in EACH},
    }


if __name__ == "__main__":
    main()
