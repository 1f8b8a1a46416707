"""What our model of memory says that a run takes, to be held against what it took."""

from __future__ import annotations

from cnncalc.analysis.memory.memory import Memory
from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.dtypes import storage_dtype

OPTIMIZER = "momentum"  # as `subject` trains


def predicted_peak(graph: Graph, settings: Settings, batch: int) -> int | None:
    """Bytes of tensors at the most; None where the model says nothing of such a run, or only "at least"."""
    if not foreseen(settings):
        return None
    memory = _model(graph, settings, batch)
    if not settings.training:
        found = memory.inference_bytes
    else:
        found = None if memory.training.at_least else memory.training.bytes
    return found if isinstance(found, int) else None


def predicted_batch(graph: Graph, settings: Settings, budget: int) -> int | None:
    """The largest batch that the model lets into so many bytes, to begin a search with."""
    if not foreseen(settings):
        return None
    try:
        return _model(graph, settings, 1).fits(budget, settings.training) or None
    except UsageError:
        return None


def foreseen(settings: Settings) -> bool:
    """Whether the model speaks of such runs: of no compiled code, and of no training in two types at once."""
    mixed = settings.training and settings.dtype in ("fp16", "bf16")
    return not (settings.compile or mixed)


def _model(graph: Graph, settings: Settings, batch: int) -> Memory:
    return Memory(graph, batch, storage_dtype(settings.dtype), OPTIMIZER)
