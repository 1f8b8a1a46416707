"""A tool's total beside ours: equal, explained by another convention, or not explained."""

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.errors import UsageError

torch = pytest.importorskip("torch")
from cnncalc.pytorch import build  # noqa: E402 - needs torch
from cnncalc.pytorch.live import running  # noqa: E402 - needs torch
from cnncalc.pytorch.live.comparison import as_built, compare_live  # noqa: E402 - needs torch
from cnncalc.pytorch.live.tools import TOOLS  # noqa: E402

SPEC = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - batchnorm
  - relu
  - layernorm: {axis: channels}
    written: {class: Own}
written: {relu: functional}
"""


def live(name, count=None, monkeypatch=None):
    graph = cnncalc.parse(SPEC).graph()
    if monkeypatch is not None:
        chosen = TOOLS[name]._replace(run=lambda *_: count, module="json", rival="")
        monkeypatch.setattr(running, "TOOLS", {name: chosen})
    (found,) = compare_live(as_built(graph), build(graph), [name])
    return found


def test_equal():
    found = live("torch")
    assert found.printed == found.ours == 2 * 4 * 36 * 27
    assert found.equal
    assert found.version
    assert found.reconciliation is None


def test_another_convention_explains_an_equal_total_alone(monkeypatch):
    graph = as_built(cnncalc.parse(SPEC).graph())
    fvcore = convention("fvcore").tally(graph).total
    found = live("thop", fvcore, monkeypatch)
    parts = found.reconciliation
    assert parts.rest == 0
    assert sum(part.difference for part in parts.parts) == fvcore - found.ours
    assert "(fvcore@" in parts.second
    found = live("thop", fvcore + 1, monkeypatch)
    assert found.reconciliation.unexplained
    assert found.reconciliation.rest == fvcore + 1 - found.ours


def test_no_number(monkeypatch):
    found = live("thop", None, monkeypatch)
    assert (found.printed, found.problem, found.missing) == (None, "thop gives no number for this network", False)


def test_what_ran_is_named_where_the_convention_does_not():
    found = live("torch")
    assert found.version == found.installed
    assert found._replace(name="timm", distribution="fvcore", installed="1").version == "fvcore 1"
    assert found._replace(installed=None).version == ""


def test_the_network_that_is_built_has_a_module_for_every_layer():
    graph = as_built(cnncalc.parse(SPEC).graph())
    assert not graph.written
    assert all(node.written is None for node in graph.nodes)


def test_symbols_are_refused():
    graph = cnncalc.parse(SPEC).graph(input=(3, "H", "H"))
    with pytest.raises(UsageError, match="H is still a symbol: give it a value first"):
        next(compare_live(graph, None, ["torch"]))
