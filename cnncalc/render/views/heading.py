"""Formats what is shown above every table of a network: its name, source, input and output."""

from __future__ import annotations

from cnncalc.analysis.report import Report
from cnncalc.quantities.sizes import Layout, plural, tensors_text
from cnncalc.render.view import Cell, Column

NAMED = (Column("layer"), Column("what it is", narrow="below"))  # the first columns of a table of layers
TRAINING_HEADS = "training heads, not part of inference"


def title(report: Report) -> str:
    """The network's name with its variant; empty for a single layer."""
    return report.name


def facts(report: Report, layout: Layout = "chw") -> tuple[tuple[str, str], ...]:
    """Labelled facts: source, input and output."""
    inputs = tensors_text(report.inputs, layout, report.batch)
    outputs = tensors_text(report.outputs, layout, report.batch)
    order = " (channels last)" if layout == "hwc" and any(len(shape) > 1 for shape in report.inputs.values()) else ""
    shapes = (("input", inputs + order), ("output", outputs))
    source = report.about.get("source")
    return (("source", source), *shapes) if source else shapes


def layer_count(report: Report) -> str:
    """The number of inference layers: `12 layers`."""
    return plural(sum(not layer.node.training for layer in report.layers), "layer")


def left_out_notes(report: Report) -> tuple[Cell, ...]:
    """How much the spec's conditions leave out: "2 blocks left out by `when`"; nothing if they leave out nothing."""
    counts = zip(report.graph.left_out, ("layer", "block", "path"), strict=True)
    texts = [plural(count, word) for count, word in counts if count]
    if not texts:
        return ()
    *most, last = texts
    return (Cell(f"{', '.join(most)}{' and ' * bool(most)}{last} left out by `when`", "dim"),)
