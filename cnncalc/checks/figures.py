"""Computes the figures that expectations can refer to, for a whole network or some of its layers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import accumulate

from cnncalc.analysis.cost import cost_of
from cnncalc.analysis.parameters import Parameters, total
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.conventions import convention
from cnncalc.layers.unknown import Unknown
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Figure(NamedTuple):
    """A value that is known, a lower bound if `at_least`, or None if unknown."""

    value: Size | None
    at_least: bool = False


def figure_of(
    report: Report, name: str, tool: str | None = None, part: Collection[LayerReport] | None = None
) -> Figure:
    """Compute a figure of the network at inference, or of a part of it: params, trainable, macs, flops, … or bytes.

    `tool` names the convention by which operations are counted.

    Raises:
        UsageError: there is no such convention.
    """
    if name in ("params", "trainable"):
        totals = report.totals if part is None else sum((layer.parameters for layer in part), Parameters())
        return Figure(totals.params if name == "params" else totals.trainable, totals.at_least)
    if tool is not None:
        return _count_by_tool(report, tool, part)
    if name in ("macs", "flops"):
        cost = report.cost if part is None else cost_of(layer.node for layer in part)
        return Figure(cost.macs if name == "macs" else cost.flops, cost.at_least)
    return Figure(_activation_bytes(report, name, part))


def _activation_bytes(report: Report, name: str, part: Collection[LayerReport] | None) -> Size | None:
    """Bytes of activations; None if a layer is unknown, since it may or may not compute in place."""
    layers = report.layers if part is None else part
    if any(layer.kind == Unknown.kind for layer in layers if part is not None or not layer.node.training):
        return None
    memory = report.memory(batch=1)
    if name == "peak_memory":
        return memory.peak.bytes
    if part is None:
        return memory.activation_bytes
    names = {layer.name for layer in part}
    return total(activation.bytes for activation in memory.activations if activation.name in names)


def _count_by_tool(report: Report, tool: str, part: Iterable[LayerReport] | None) -> Figure:
    tally = convention(tool).tally(report.graph)
    if part is None:
        return Figure(tally.total, tally.at_least)
    counts = [tally.counts.get(layer.name) for layer in part]
    return Figure(total(count for count in counts if count is not None), None in counts)


def field_of(report: Report, layer: str) -> dict[str, tuple[Figure, ...]]:
    """Network input → the rows per axis that the output of a layer sees; the size of the axis if it sees all."""
    return {
        name: tuple(Figure(axis.image if axis.only_whole else axis.size) for axis in field.axes)
        for name, field in report.receptive_fields[layer].items()
    }


def last_map(report: Report) -> str | None:
    """The last inference layer with positions that see only a part of the input; None if there is none."""
    for layer in reversed(report.layers):
        fields = report.receptive_fields[layer.name].values()
        if not layer.node.training and any(field.axes and not field.only_whole for field in fields):
            return layer.name
    return None


class Parts:
    """A report, and its layers by name: of a layer, itself; of a block, those inside, in execution order."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def of(self, name: str) -> Sequence[LayerReport]:
        """The layer of this name, or the layers of this block; empty if there is neither."""
        return self._by_name.get(name, ())

    @cached_property
    def names(self) -> list[str]:
        """The names of all layers and blocks."""
        return list(self._by_name)

    @cached_property
    def _by_name(self) -> dict[str, list[LayerReport]]:
        parts: dict[str, list[LayerReport]] = {}
        for layer in self.report.layers:
            for name in accumulate(layer.name.split("."), "{}.{}".format):
                parts.setdefault(name, []).append(layer)
        return parts
