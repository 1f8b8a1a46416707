"""The figures that an expectation may speak of, of a whole network or of some of its layers."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cnncalc.analysis.cost import cost_of
from cnncalc.analysis.parameters import Parameters, total
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.conventions import convention
from cnncalc.layers.unknown import Unknown
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size


class Figure(NamedTuple):
    """A number that is known, known to be at least so much, or (None) not known."""

    value: Size | None
    at_least: bool = False


def figure_of(
    report: Report, name: str, tool: str | None = None, part: Collection[LayerReport] | None = None
) -> Figure:
    """A figure of the network at inference, or of a part of it: params, trainable, macs, flops, … in numbers or bytes.

    `tool` is the convention by which FLOPs are counted.

    Raises:
        UsageError: no such convention.
    """
    if name in ("params", "trainable"):
        totals = report.totals if part is None else sum((layer.parameters for layer in part), Parameters())
        return Figure(totals.params if name == "params" else totals.trainable, totals.at_least)
    if tool is not None:
        return _counted(report, tool, part)
    if name in ("macs", "flops"):
        cost = report.cost if part is None else cost_of(layer.node for layer in part)
        return Figure(cost.macs if name == "macs" else cost.flops, cost.at_least)
    return Figure(_bytes(report, name, part))


def _bytes(report: Report, name: str, part: Collection[LayerReport] | None) -> Size | None:
    """Bytes of activations; not known where a layer is, which may compute in place or not."""
    concerned = report.layers if part is None else part
    if any(layer.kind == Unknown.kind for layer in concerned if part is not None or not layer.node.training):
        return None
    memory = report.memory(batch=1)
    if name == "peak_memory":
        return memory.peak.bytes
    if part is None:
        return memory.activation_bytes
    names = {layer.name for layer in part}
    return total(activation.bytes for activation in memory.activations if activation.name in names)


def _counted(report: Report, tool: str, part: Iterable[LayerReport] | None) -> Figure:
    tally = convention(tool).tally(report.graph)
    if part is None:
        return Figure(tally.total, tally.at_least)
    counts = [tally.counts.get(layer.name) for layer in part]
    return Figure(total(count for count in counts if count is not None), None in counts)


def field_of(report: Report, layer: str) -> dict[str, tuple[Figure, ...]]:
    """Network input → the rows along every axis that the output of a layer sees; all of them where it sees all."""
    return {
        name: tuple(Figure(axis.image if axis.only_whole else axis.size) for axis in field.axes)
        for name, field in report.receptive_fields[layer].items()
    }


def last_map(report: Report) -> str | None:
    """The last layer of inference whose positions do not all see the whole input; None where there is none."""
    for layer in reversed(report.layers):
        fields = report.receptive_fields[layer.name].values()
        if not layer.node.training and any(field.axes and not field.only_whole for field in fields):
            return layer.name
    return None


def part_of(report: Report, name: str) -> tuple[LayerReport, ...]:
    """The layer of a name, or the layers of a block, in the order of execution; none where nothing is called so."""
    inside = f"{name}."
    return tuple(layer for layer in report.layers if layer.name == name or layer.name.startswith(inside))


def names_of(report: Report) -> list[str]:
    """Everything that `part_of` finds: layers and blocks."""
    found: dict[str, None] = {}
    for layer in report.layers:
        pieces = layer.name.split(".")
        found.update(dict.fromkeys(".".join(pieces[:end]) for end in range(1, len(pieces) + 1)))
    return list(found)
