"""Predict the memory of a run with our model, for comparison with the measured peak."""

from __future__ import annotations

from cnncalc.analysis.memory.memory import Memory
from cnncalc.errors import UsageError
from cnncalc.graph import Graph
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.dtypes import storage_dtype

OPTIMIZER = "momentum"  # the optimizer that `subject` uses


def predicted_peak(graph: Graph, settings: Settings, batch: int) -> int | None:
    """Peak bytes of tensors; None if the model does not cover such a run or gives only a lower bound."""
    if not foreseen(settings):
        return None
    memory = _model(graph, settings, batch)
    if not settings.training:
        peak = memory.inference_bytes
    else:
        peak = None if memory.training.at_least else memory.training.bytes
    return peak if isinstance(peak, int) else None


def predicted_batch(graph: Graph, settings: Settings, budget: int) -> int | None:
    """The largest batch that fits `budget` bytes according to the model; None if there is no prediction."""
    if not foreseen(settings):
        return None
    try:
        return _model(graph, settings, 1).fits(budget, settings.training) or None
    except UsageError:
        return None


def foreseen(settings: Settings) -> bool:
    """Whether the model covers such a run: it covers neither compiled code nor mixed-precision training."""
    mixed = settings.training and settings.dtype in ("fp16", "bf16")
    return not (settings.compile or mixed)


def _model(graph: Graph, settings: Settings, batch: int) -> Memory:
    return Memory(graph, batch, storage_dtype(settings.dtype), OPTIMIZER)
