"""The arithmetic of one layer, step by step."""

from __future__ import annotations

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.errors import UsageError
from cnncalc.explanations.field import field_steps
from cnncalc.explanations.operations import operation_steps
from cnncalc.explanations.shapes import shape_steps
from cnncalc.explanations.sliding import fit_step, size_steps
from cnncalc.explanations.steps import Step, per_axis
from cnncalc.explanations.weights import weight_steps
from cnncalc.graph import Graph
from cnncalc.layers.layer import Shape
from cnncalc.records import Record
from cnncalc.solutions.fixes import describe_fix, input_fixes, layer_fixes
from cnncalc.suggest import no_layer


class Explanation(Record):
    """The steps for one layer."""

    layer: LayerReport
    inputs: tuple[tuple[str, Shape], ...]
    steps: tuple[Step, ...]


def explain(report: Report, name: str = "") -> list[Explanation]:
    """The arithmetic of a layer, of every layer of a block, or of the network: size, fit, fixes, field, weights,
    operations.

    Raises:
        UsageError: no layer or block has this name.
    """
    layers = [layer for layer in report.layers if not name or layer.name == name or layer.name.startswith(f"{name}.")]
    if not layers:
        raise UsageError(no_layer(name, [layer.name for layer in report.layers]))
    return [explain_layer(layer, report) for layer in layers]


def explain_layer(layer: LayerReport, report: Report, *, fixes: bool = True) -> Explanation:
    """The arithmetic of one layer; `fixes` may be left out, since each is tried on the whole network."""
    node = layer.node
    inputs = tuple(zip(node.inputs, node.shapes, strict=True))
    windows = layer.fit.windows if layer.fit else ()
    sizes = output_steps(layer)
    fits = per_axis([[fit_step(window)] for window in windows]) if windows else []
    output = Step("output", shape=layer.output)
    found, fields = _fixes(layer, report.graph) if fixes else [], field_steps(report, layer)
    return Explanation(
        layer, inputs, (*sizes, output, *fits, *found, *fields, *weight_steps(node), *operation_steps(node))
    )


def output_steps(layer: LayerReport) -> list[Step]:
    """The sizes of a layer's output."""
    windows = layer.fit.windows if layer.fit else ()
    return per_axis([size_steps(window) for window in windows]) if windows else shape_steps(layer.node)


def _fixes(layer: LayerReport, graph: Graph) -> list[Step]:
    """One step per fix, if the layer drops pixels."""
    if layer.fit is None or layer.fit.unread != "pixels":
        return []
    fixes = [*input_fixes(graph), *layer_fixes(graph, layer.name)]
    return [Step("fix", note=describe_fix(fix)) for fix in fixes]
