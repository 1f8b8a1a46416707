"""What a point of a sweep is judged by: the figures of a report, by the names that `expect:` has for them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.analysis.parameters import total
from cnncalc.analysis.report import Report
from cnncalc.symbolic import Size

FITS = "fits"  # whether every stride fits: true where its figure, a sum of squares, is 0
SHOWN = ("params", "macs", "flops")


def _known(count: Size, report: Report) -> Size | None:
    return None if report.cost.at_least else count


def _squared_leftovers(report: Report) -> Size:
    """0 exactly where nothing is left over and nothing hangs over, on any axis of any layer."""
    leftovers = dict.fromkeys(rest for layer in report.layers if layer.fit for rest in layer.fit.leftover)
    return total(rest * rest for rest in leftovers)


FIGURES: Mapping[str, Callable[[Report], Size | None]] = {
    "params": lambda report: report.totals.params,
    "trainable": lambda report: report.totals.trainable,
    "buffers": lambda report: report.totals.buffers,
    "macs": lambda report: _known(report.macs, report),
    "flops": lambda report: _known(report.flops, report),
    "peak_memory": lambda report: report.memory().peak.bytes,
    "activation_memory": lambda report: report.memory().activation_bytes,
    "layers": lambda report: sum(not layer.node.training for layer in report.layers),
    FITS: _squared_leftovers,
}
