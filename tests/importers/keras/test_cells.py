"""RNN with cells: one is the layer of its kind; of several the numbers are known, as Keras 3.15.1 counts them."""

import pytest

from cnncalc.errors import SpecError

from .models import sequential, totals, traced


def cell(kind, units, **fields):
    return {"class_name": f"{kind}Cell", "config": {"units": units, **fields}}


def of(cells, **fields):
    return traced(sequential((10, 6), ("RNN", {"cell": cells, **fields})))


def test_one_cell():
    tracing, (value,) = of(cell("GRU", 4, reset_after=True), return_sequences=True)
    assert [node.kind for node in tracing.nodes] == ["gru"]
    assert value.shape == (10, 4)
    tracing, (value,) = of(cell("LSTM", 4))
    assert (tracing.nodes[0].kind, value.shape, totals(tracing)[0]) == ("unknown", (4,), 4 * 4 * 11)


@pytest.mark.parametrize("stacked", [True, False])
def test_several_cells(stacked):
    cells = [cell("LSTM", 4), cell("GRU", 5, reset_after=True)]
    given = {"class_name": "StackedRNNCells", "config": {"cells": cells}} if stacked else cells
    tracing, values = of(given, return_state=True)
    assert [value.shape for value in values[:1]] == [(5,)]
    params, macs = 4 * 4 * (6 + 4 + 1) + 3 * 5 * (4 + 5 + 2), 10 * (4 * 4 * 10 + 3 * 5 * 9)
    assert (totals(tracing)[0], tracing.nodes[0].arguments["macs"]) == (params, macs)
    assert [node.output for node in tracing.nodes] == [(5,), (4,), (4,), (5,)]


def test_what_is_no_cell():
    with pytest.raises(SpecError, match="expected a cell"):
        of(None)
    with pytest.raises(SpecError, match="no cell"):
        traced(sequential((10, 6), ("RNN", {"units": 4})))
    with pytest.raises(SpecError, match="of cells that are not known"):
        of({"class_name": "MyCell", "config": {}})
