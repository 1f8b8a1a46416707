"""How long an import takes on top of PyTorch's own capture: `python tests/benchmarks/import_torch.py [model …]`.

The aim for resnet50 is 0.3 s: from the captured graph to a spec in hand, structured and held to what was captured.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
from cnncalc.importers.pytorch import importing
from cnncalc.importers.writing.spec_text import spec_document
from tests.pytorch.torchvision_models import models

RUNS = 5
SHAPE = (3, 224, 224)


def measured(name: str) -> tuple[float, float, float, float]:
    """Processor seconds of PyTorch's capture, of our walk, of the spec flat, and structured."""
    with torch.device("meta"):
        network = models().get_model(name, weights=None).eval()
    spent = {"capture": 0.0}

    def timed(*arguments: object) -> object:
        start = time.process_time()
        try:
            return capture(*arguments)
        finally:
            spent["capture"] += time.process_time() - start

    capture, importing.capture = importing.capture, timed  # type: ignore[assignment]
    try:
        start = time.process_time()
        traced = importing.trace(network, {"input": SHAPE}, name)
        walk = time.process_time() - start - spent["capture"]
    finally:
        importing.capture = capture
    start = time.process_time()
    spec_document(traced, flat=True)
    flat = time.process_time() - start
    start = time.process_time()
    spec_document(traced, flat=False)
    return spent["capture"], walk, flat, time.process_time() - start


def main(names: list[str]) -> None:
    """A row per model: the medians of several runs, the first of which warms PyTorch up and does not count."""
    print(f"{'model':<20} {'capture':>9} {'our walk':>9} {'flat':>9} {'structured':>11} {'ours in all':>12}")
    for name in names:
        runs = [measured(name) for _ in range(RUNS + 1)][1:]
        capture, walk, flat, structured = (median(column) for column in zip(*runs, strict=True))
        print(f"{name:<20} {capture:8.3f}s {walk:8.3f}s {flat:8.3f}s {structured:10.3f}s {walk + structured:11.3f}s")


if __name__ == "__main__":
    main(sys.argv[1:] or ["resnet50"])
