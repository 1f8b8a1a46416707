"""A layer of which only the output is known: totals over it are lower bounds."""

import json

import pytest

import cnncalc
from cnncalc.errors import SpecError

SPEC = """
input: 3x32x32
layers:
  - conv: {out_channels: 8, kernel_size: 3}
  - unknown: {op: aten.grid_sampler, shape: [8, 30, 30], seen: [8, 30, 30], params: 12, kept: 5}
  - unknown: {op: my.join, shape: [4, 2, 2]}
    from: [conv1, unknown1]
  - flatten
  - linear: 10
"""


@pytest.fixture
def report():
    return cnncalc.parse(SPEC).analyze()


def test_its_output_goes_on(report):
    assert report["unknown2"].output == (4, 2, 2)
    assert report["unknown2"].node.inputs == ("conv1", "unknown1")
    assert report.outputs == {"output": (10,)}


def test_what_it_is_said_to_own_is_counted_and_the_rest_is_at_least(report):
    assert report["unknown1"].params == 12
    assert report["unknown1"].parameters.buffers == 5
    assert not report["unknown1"].parameters.at_least
    assert report["unknown2"].parameters.at_least
    assert report.totals.params == 224 + 12 + 170
    assert report.totals.at_least


def test_what_it_costs_is_null(report):
    assert report["unknown1"].macs is None
    assert report["unknown1"].flops is None
    assert report.cost.at_least
    assert report.macs == 900 * 8 * 27 + 160


def test_json_says_so(report):
    record = json.loads(json.dumps(report.to_dict(("macs", "receptive_field"))))
    first, second = (layer for layer in record["layers"] if layer["kind"] == "unknown")
    assert (first["params"], second["params"], second["macs"]) == (12, None, None)
    assert record["totals"]["at_least"] is True
    assert first["receptive_field"]["input"]["size"] == [None, None]
    assert cnncalc.load("lenet5").analyze().to_dict(("macs",))["totals"]["at_least"] is False


def test_memory_is_a_lower_bound(report):
    assert report.memory().at_least
    assert report.memory().training.at_least
    assert not cnncalc.load("lenet5").analyze().memory().at_least


def test_without_weights_of_its_own_only_the_cost_is_unknown():
    report = cnncalc.parse("input: 4\nlayers: [{unknown: {op: sort, shape: 4, params: 0}}]").analyze()
    assert not report.totals.at_least
    assert report.cost.at_least


def test_another_input_than_the_one_seen_is_refused():
    with pytest.raises(
        SpecError, match=r"the output of aten\.grid_sampler is known only for an input of \[8, 30, 30\]"
    ):
        cnncalc.parse(SPEC).analyze(input=(3, 40, 40))
    report = cnncalc.parse(SPEC).analyze(input=(3, "H", "W"))
    assert {str(condition.relation) for condition in report.graph.conditions} >= {"H - 2 == 30", "W - 2 == 30"}
