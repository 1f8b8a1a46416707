"""Computes the figures by which networks are compared, under the names that `expect:` uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import Report
from cnncalc.symbolic import Size

FITS = "fits"  # whether every stride fits: true where its figure, a sum of squares, is 0


def _parameter_figure(figure: str) -> Callable[[Report], Size | None]:
    return lambda report: None if report.totals.at_least else getattr(report.totals, figure)


def _cost_figure(figure: str) -> Callable[[Report], Size | None]:
    return lambda report: None if report.cost.at_least else getattr(report.cost, figure)


def _memory_figure(figure: Callable[[Memory], Size | None]) -> Callable[[Report], Size | None]:
    """Compute a memory figure for one sample in float32."""

    def compute(report: Report) -> Size | None:
        memory = report.memory()
        return None if memory.at_least else figure(memory)

    return compute


def _squared_leftovers(report: Report) -> Size:
    """The sum of squared leftovers: 0 exactly if every stride fits on every axis of every layer."""
    leftovers = dict.fromkeys(rest for layer in report.layers if layer.fit for rest in layer.fit.leftover)
    return total(rest * rest for rest in leftovers)


FIGURES: Mapping[str, Callable[[Report], Size | None]] = {  # None if the contribution of a layer is unknown
    "params": _parameter_figure("params"),
    "trainable": _parameter_figure("trainable"),
    "buffers": _parameter_figure("buffers"),
    "macs": _cost_figure("macs"),
    "flops": _cost_figure("flops"),
    "peak_memory": _memory_figure(lambda memory: memory.peak.bytes),
    "activation_memory": _memory_figure(lambda memory: memory.activation_bytes),
    "layers": lambda report: sum(not layer.node.training for layer in report.layers),
    FITS: _squared_leftovers,
}
