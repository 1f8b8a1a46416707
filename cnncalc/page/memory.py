"""The memory of a network for the page: what is alive from which step to which, at inference and in training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnncalc.analysis.memory.liveness import Span
from cnncalc.analysis.report import Report
from cnncalc.page.tables import Tables

DTYPE = "float32"


def memory_record(tables: Tables, report: Report, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Bytes for one sample in float32, of tensors with these numbers: `each` grows with the batch, `fixed` does not.

    A span is `[name or tensor, each, fixed, first step, last step]`. Step i of inference runs the i-th layer without
    training heads; of training, step i < n runs layer i, and the backward pass of layer i takes n + 2·(n − 1 − i) and
    the step after it.
    """
    memory = report.memory(1, DTYPE)
    training = memory.training
    steps = [numbers[node.name] for node in report.graph.nodes if not node.training]
    return {
        "dtype": DTYPE,
        "weights": tables.size(memory.weights),
        "buffers": tables.size(memory.buffers),
        "at_least": memory.at_least,
        "inference": {"steps": steps, "spans": _spans(tables, memory.spans, numbers)},
        "training": {
            "steps": [numbers[node.name] for node in report.graph.nodes],
            "spans": _spans(tables, training.spans, numbers),
            "weights": tables.size(training.weights),
            "buffers": tables.size(training.buffers),
            "gradients": tables.size(training.gradients),
            "at_least": training.at_least,
        },
    }


def activations_of(tables: Tables, report: Report) -> list[tuple[int, str | None]]:
    """Per layer, the bytes of its output for one sample (0 if it lies in the memory of another), and that other."""
    return [(tables.size(each.bytes), each.memory_of) for each in report.memory(1, DTYPE).activations]


def _spans(tables: Tables, spans: Iterable[Span], numbers: Mapping[str, int]) -> list[list[Any]]:
    return [
        [numbers.get(name, name), tables.size(load.each), tables.size(load.fixed), first, last]
        for name, load, first, last in spans
    ]
