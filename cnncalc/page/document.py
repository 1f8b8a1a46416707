"""The page's document: one network as JSON, every figure a closed form (docs/page.md describes it)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.analysis.record import shape_record
from cnncalc.analysis.report import Report
from cnncalc.layers.layer import Shape
from cnncalc.page.layers import LayerRecords
from cnncalc.page.memory import activations_of, memory_record
from cnncalc.page.moving import Moving, set_free
from cnncalc.page.tables import Tables
from cnncalc.spec import Spec
from cnncalc.version import __version__

SCHEMA = "cnncalc-page/1"


def page_document(report: Report, spec: Spec | None = None, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The document of one network.

    Args:
        report: on the network, at the sizes at which the page opens.
        spec: where it comes from: its text is shown, and its parameters can move.
        params: the parameters given in place of the spec's.
    """
    moving = set_free(report, spec, params)
    return network_document(LayerRecords(Tables(), moving.report, report), moving, report, spec)


def network_document(writer: LayerRecords, moving: Moving, report: Report, spec: Spec | None = None) -> dict[str, Any]:
    """The document of a network that has been set free; `report` is on it at the sizes at which the page opens."""
    free, tables = moving.report, writer.tables
    graph = free.graph
    return {
        "schema": SCHEMA,
        "version": __version__,
        "name": graph.name,
        "variant": graph.variant,
        "about": dict(free.about),
        "symbols": [each.__dict__ for each in moving.symbols],
        "still": moving.still,
        "batch": report.batch,
        "inputs": input_records(tables, graph.inputs),
        "outputs": {name: writer.numbers[tensor] for name, tensor in graph.outputs.items()},
        "layers": layer_records(writer, free),
        "totals": totals_record(tables, free),
        "memory": memory_record(tables, free, writer.numbers),
        "conditions": condition_records(writer, free),
        "blocks": _blocks(free),
        "turns": graph.turns,
        "params": {name: _plain(value) for name, value in report.graph.params.items()},
        "text": spec.text if spec else "",
        "opened": {name: shape_record(shape) for name, shape in report.inputs.items()},
        "atoms": tables.encoder.atoms,
        "forms": tables.forms,
        "records": tables.records,
    }


def input_records(tables: Tables, inputs: Mapping[str, Shape]) -> list[dict[str, Any]]:
    """Every input of a network."""
    return [{"name": name, "output": tables.sizes(shape)} for name, shape in inputs.items()]


def layer_records(writer: LayerRecords, report: Report) -> list[dict[str, Any]]:
    """Every layer of a network, in the order of execution."""
    records = []
    for layer, (size, owner) in zip(report.layers, activations_of(writer.tables, report), strict=True):
        record = writer.record(layer)
        record["bytes"] = size
        if owner is not None:
            record["memory_of"] = writer.numbers[owner]
        records.append(record)
    return records


def totals_record(tables: Tables, report: Report) -> dict[str, Any]:
    """The totals of a network, for one sample."""
    totals, heads = report.totals, report.training_heads
    return {
        "params": tables.size(totals.params),
        "trainable": tables.size(totals.trainable),
        "buffers": tables.size(totals.buffers),
        "macs": tables.size(report.macs),
        "flops": tables.size(report.flops),
        "at_least": bool(totals.at_least or report.cost.at_least),
        "training_heads": tables.size(heads.params) if report.has_training_heads else None,
    }


def condition_records(writer: LayerRecords, report: Report) -> list[dict[str, Any]]:
    """What must hold of the sizes, else a layer refuses its input."""
    tables = writer.tables
    return [
        {
            "layer": writer.numbers[each.node],
            "left": tables.size(each.relation.left),
            "op": each.relation.op,
            "right": tables.size(each.relation.right),
            "text": each.relation.render("unicode"),
            "why": each.why,
        }
        for each in report.graph.conditions
    ]


def _blocks(report: Report) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "block": instance.block,
            "arguments": {key: _plain(value) for key, value in instance.arguments.items()},
            "line": instance.span.line if instance.span else None,
        }
        for name, instance in report.graph.instances.items()
    }


def _plain(value: object) -> object:
    """A parameter as JSON: numbers and flags as they are, all else as text."""
    return (
        value
        if isinstance(value, bool | int | str) and abs(int(isinstance(value, int) and value)) < 1 << 53
        else str(value)
    )
