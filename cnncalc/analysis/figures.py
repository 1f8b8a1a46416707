"""The figures that networks are compared by, by the names that `expect:` has for them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import Report
from cnncalc.symbolic import Size

FITS = "fits"  # whether every stride fits: true where its figure, a sum of squares, is 0


def _owned(figure: str) -> Callable[[Report], Size | None]:
    return lambda report: None if report.totals.at_least else getattr(report.totals, figure)


def _cost(figure: str) -> Callable[[Report], Size | None]:
    return lambda report: None if report.cost.at_least else getattr(report.cost, figure)


def _bytes(figure: Callable[[Memory], Size | None]) -> Callable[[Report], Size | None]:
    """Of one sample, in float32."""

    def found(report: Report) -> Size | None:
        memory = report.memory()
        return None if memory.at_least else figure(memory)

    return found


def _squared_leftovers(report: Report) -> Size:
    """0 exactly where nothing is left over and nothing hangs over, on any axis of any layer."""
    leftovers = dict.fromkeys(rest for layer in report.layers if layer.fit for rest in layer.fit.leftover)
    return total(rest * rest for rest in leftovers)


FIGURES: Mapping[str, Callable[[Report], Size | None]] = {  # None where a layer's part in it is not known
    "params": _owned("params"),
    "trainable": _owned("trainable"),
    "buffers": _owned("buffers"),
    "macs": _cost("macs"),
    "flops": _cost("flops"),
    "peak_memory": _bytes(lambda memory: memory.peak.bytes),
    "activation_memory": _bytes(lambda memory: memory.activation_bytes),
    "layers": lambda report: sum(not layer.node.training for layer in report.layers),
    FITS: _squared_leftovers,
}
