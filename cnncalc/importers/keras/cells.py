"""RNN, which runs cells: one as the layer of its kind, several one above the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.importers.keras.config import Config
from cnncalc.importers.keras.model import KerasLayer
from cnncalc.importers.keras.recurrent import GATES, WHY, biases_of, recurrent, states_of, steps_of
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Step, UnsupportedError, Value
from cnncalc.symbolic import Size


def of_cells(step: Step, trace: Tracing) -> list[Value]:
    """RNN: the layer whose cell it runs; of several cells, one above the other, the numbers are known."""
    cells = [_cell(step, *path) for path in _places_of_cells(step)]
    if len(cells) == 1 and cells[0].kind in GATES:
        return recurrent(cells[0], trace)
    if step.first.rank != 2 or any(cell.kind not in GATES for cell in cells):
        raise UnsupportedError("of cells that are not known")
    length, features = step.first.shape
    weights: Size = 0
    biases = 0
    sizes = [cell.config.count("units", "output_dim") for cell in cells]
    for cell, units in zip(cells, sizes, strict=True):
        rows = GATES[cell.kind] * units
        weights, biases, features = weights + rows * (features + units), biases + biases_of(cell, rows), units
    shape = (*steps_of(step), sizes[-1])
    made = [trace.add_unknown(step, UnsupportedError(WHY, shape, weights + biases, weights * length))]
    if step.config.flag("return_state", default=False):
        for cell, units in zip(cells, sizes, strict=True):
            made += states_of(step, trace, cell.kind, (units,), 1)
    return made


def _places_of_cells(step: Step) -> list[tuple[str | int, ...]]:
    """Where the cells of an RNN stand in its configuration: one, a list, or StackedRNNCells."""
    given, path = step.config.values.get("cell"), ("cell",)
    inner = given.get("config") if isinstance(given, dict) else None
    stacked = isinstance(given, dict) and given.get("class_name") == "StackedRNNCells" and isinstance(inner, dict)
    listed = inner.get("cells") if stacked and isinstance(inner, dict) else given
    if isinstance(listed, list) and listed:
        return [(*path, *(("config", "cells") if stacked else ()), number) for number in range(len(listed))]
    return [path]


def _cell(step: Step, *path: str | int) -> Step:
    """The call of the layer that runs one cell, which has the fields of both."""
    outer = step.config
    if "cell" not in outer.values:
        outer.refuse("no cell: expected a cell")
    values: Any = outer.values
    for part in path:
        values = values[part]
    if not isinstance(values, dict):
        outer.refuse("expected a cell", *path[:1])
    inner = values.get("config")
    own = {**outer.values, **(inner if isinstance(inner, dict) else {})}
    kind = str(values.get("class_name")).removesuffix("Cell")
    layer = KerasLayer(step.layer.name, kind, Config(outer.document, outer.path, own, outer.who), step.layer.outer)
    return Step(layer, step.scope, step.inputs, step.args, step.options, step.frozen)


CELLED: Mapping[str, Handler] = {"RNN": of_cells}
"""Class → how it is traced."""
