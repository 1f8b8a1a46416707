"""What our model of memory says that a run takes, to be held against what it took."""

from __future__ import annotations

from cnncalc.graph import Graph
from cnncalc.torch_backend.bench.settings import Settings


def predicted_peak(graph: Graph, settings: Settings, batch: int) -> int | None:
    """Bytes at the most; None where the model says nothing of such a run."""
    return None
