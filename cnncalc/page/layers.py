"""One layer of the page's document: what `--format json` says of it, with closed forms, and what the page draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.analysis.cost import operations_of
from cnncalc.analysis.field.extent import Extent
from cnncalc.analysis.field.receptive_field import ReceptiveField, joint_of
from cnncalc.analysis.fit import Fit
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.graph import Node
from cnncalc.layers.layer import Layer, Weights
from cnncalc.layers.window import Window
from cnncalc.page.formulas import steps_records
from cnncalc.page.readings import routes_record
from cnncalc.page.tables import Tables
from cnncalc.render.layer_words import joins, layer_words


class LayerRecords:
    """Writes the layers of one report; layers that are equal share their records."""

    def __init__(self, tables: Tables, report: Report, now: Report, numbers: Mapping[str, int] | None = None) -> None:
        self.tables, self.report = tables, report
        self._now = {node.name: node for node in now.graph.nodes}
        self.numbers = numbers if numbers is not None else numbers_of(report)  # name → the number of a tensor
        self._alike: dict[object, dict[str, Any]] = {}
        self._layers: dict[Layer, int] = {}  # equal layers have one place
        self._places: dict[int, int] = {}  # by identity: the graphs keep their layers

    def record(self, layer: LayerReport) -> dict[str, Any]:
        """One layer; keys that would be empty or false are left out."""
        node, now = layer.node, self._now[layer.name].layer
        key = (self._place(node.layer), self._place(now), node.shapes, node.shares, node.frozen, node.training)
        alike = self._alike.get(key)
        if alike is None:
            alike = self._alike[key] = self._shared(layer)
        own = {
            "from": [self.numbers[name] for name in node.inputs],
            "field": self._fields(layer.receptive_field),
            "line": node.span.line if node.span else None,
        }
        return {
            "name": layer.name,
            **alike,
            **{key: value for key, value in own.items() if key == "from" or says(value)},
        }

    def _place(self, layer: Layer) -> int:
        place = self._places.get(id(layer))
        if place is None:
            place = self._places[id(layer)] = self._layers.setdefault(layer, len(self._layers))
        return place

    def _shared(self, layer: LayerReport) -> dict[str, Any]:
        """What a layer shares with all of the same kind, fields and shapes: it is written once for all of them."""
        node, tables = layer.node, self.tables
        words, closed = layer_words(self._now[layer.name]), layer_words(node)
        joint = joint_of(node.layer)
        record = {
            "kind": layer.kind,
            "words": words,
            "closed": closed if closed != words else None,
            "lend": list(range(len(node.inputs)))[node.layer.values_of :] if node.layer.values_of is not None else [],
            "joins": joins(node) and not node.layer.__dict__.get("like"),
            "keeps": self._keeps(node),
            "output": tables.sizes(layer.output),
            "windows": self._windows(layer.fit),
            "weights": _tensors(tables, node.weights),
            "buffers": _tensors(tables, node.buffers),
            "params": tables.maybe(None if layer.parameters.at_least else layer.params),
            "trainable": tables.maybe(None if layer.parameters.at_least else layer.parameters.trainable),
            "macs": tables.maybe(layer.macs),
            "flops": tables.maybe(layer.flops),
            "operations": self._operations(node),
            "reading": tables.record(routes_record(tables, node)),
            "joint": joint if joint != "another path" else None,
            "steps": [tables.record(step) for step in steps_records(tables, layer)],
            "shares": node.shares,
            "frozen": node.frozen,
            "training": node.training,
        }
        always = ("output", "params", "macs", "flops")
        return {key: value for key, value in record.items() if key in always or says(value)}

    def _keeps(self, node: Node) -> bool:
        """Whether the output has the shape of the only input, and nothing slides: it rides along with it."""
        return len(node.inputs) == 1 and node.output == node.shapes[0] and not node.layer.windows(node.shapes)

    def _windows(self, fit: Fit | None) -> int | None:
        if fit is None:
            return None
        return self.tables.record([_window(self.tables, window) for window in fit.windows])

    def _operations(self, node: Node) -> int | None:
        operations = operations_of(node)
        if operations is None:
            return None
        counts = {
            k: self.tables.size(n) for k, n in operations._asdict().items() if not (isinstance(n, int) and n == 0)
        }
        return self.tables.record(counts) if counts else None

    def _fields(self, fields: Mapping[str, ReceptiveField]) -> int | None:
        if not fields:
            return None
        records = {name: [_extent(self.tables, axis) for axis in field.axes] for name, field in fields.items()}
        return self.tables.record(records)


def numbers_of(report: Report) -> dict[str, int]:
    """Tensor → its number on a page of this network: inputs, then layers."""
    return {name: number for number, name in enumerate([*report.inputs, *(n.name for n in report.graph.nodes)])}


def _window(tables: Tables, window: Window) -> dict[str, Any]:
    """N, F, S, P_low, P_high, D, E, the output size and the leftover."""
    return {
        "size": tables.size(window.size),
        "kernel": tables.size(window.kernel),
        "stride": tables.size(window.stride),
        "low": tables.size(window.low),
        "high": tables.size(window.high),
        "dilation": tables.size(window.dilation),
        "extent": tables.size(window.extent),
        "ceil": window.ceil_mode,
        "out": tables.size(window.out),
        "leftover": tables.size(window.leftover),
    }


def _tensors(tables: Tables, tensors: Weights) -> dict[str, list[int]]:
    return {name: tables.sizes(shape) for name, shape in tensors.items()}


def _extent(tables: Tables, axis: Extent) -> dict[str, Any]:
    """The local field along one axis, and what is seen beside it; a figure without a closed form is left out."""
    first = next((phase for phase in axis.phases if phase is not None), None)
    record = {
        "image": tables.size(axis.image),
        "size": tables.maybe(axis.size),
        "stride": tables.number(axis.stride),
        "first": tables.sizes(first) if first else None,  # the rows that output row 0 (or the first phase) reads
        "phases": len(axis.phases) if len(axis.phases) > 1 else None,
        "whole": axis.whole,
        "unknown": not axis.known,
        "aligned": axis.aligned,
        "through": axis.through,
    }
    return {key: value for key, value in record.items() if says(value) or (key == "aligned" and value is False)}


def says(value: object) -> bool:
    """Whether a value must be written: the page knows what it is without one. A place may be 0."""
    return value is not None and value is not False and value not in ("", [], {})
