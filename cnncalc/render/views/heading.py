"""What stands above every table of a network: its name, where it comes from, what enters and what leaves."""

from __future__ import annotations

from cnncalc.analysis.report import Report
from cnncalc.quantities.sizes import Layout, plural, tensors_text
from cnncalc.render.view import Column

NAMED = (Column("layer"), Column("what it is", narrow="below"))  # the first columns of a table of layers
TRAINING_HEADS = "training heads, not part of inference"


def title(report: Report) -> str:
    """The name with the variant; nothing for a layer given alone."""
    return report.name


def facts(report: Report, layout: Layout = "chw") -> tuple[tuple[str, str], ...]:
    """Source, input and output."""
    inputs = tensors_text(report.inputs, layout, report.batch)
    outputs = tensors_text(report.outputs, layout, report.batch)
    found = (("input", inputs), ("output", outputs))
    source = report.about.get("source")
    return (("source", source), *found) if source else found


def layer_count(report: Report) -> str:
    """12 layers."""
    return plural(sum(not layer.node.training for layer in report.layers), "layer")
