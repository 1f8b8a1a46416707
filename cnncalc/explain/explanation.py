"""The arithmetic of one layer, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from cnncalc.analysis.report import LayerReport
from cnncalc.explain.shapes import shape_steps
from cnncalc.explain.sliding import fit_step, size_steps
from cnncalc.explain.steps import Step, per_axis
from cnncalc.explain.weights import weight_steps
from cnncalc.layers.layer import Shape


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps of one layer."""

    layer: LayerReport
    inputs: tuple[tuple[str, Shape], ...]
    steps: tuple[Step, ...]


def explain(layer: LayerReport) -> Explanation:
    """The arithmetic of a layer: the size that leaves, the fit, the weights."""
    node = layer.node
    inputs = tuple(zip(node.inputs, node.shapes, strict=True))
    windows = layer.fit.windows if layer.fit else ()
    sizes = per_axis([size_steps(window) for window in windows]) if windows else shape_steps(node)
    fits = per_axis([[fit_step(window)] for window in windows]) if windows else []
    return Explanation(layer, inputs, (*sizes, Step("output", shape=layer.output), *fits, *weight_steps(node)))
