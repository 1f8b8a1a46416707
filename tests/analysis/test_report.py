"""A report in Python: its layers, one by one and by name, what a session prints of it, and the memory it holds."""

from __future__ import annotations

import gc

import pytest

import cnncalc
from cnncalc.analysis.parameters import Parameters, parameters_of, sum_of


@pytest.fixture(scope="module")
def report():
    return cnncalc.load("alexnet").analyze()


def test_a_report_iterates_over_its_layers(report):
    assert [layer.name for layer in report] == [node.name for node in report.graph.nodes]
    assert list(report) == list(report.layers)
    assert sum(layer.params for layer in report) == report.params


def test_training_heads_are_layers_too():
    report = cnncalc.load("googlenet").analyze()
    assert any(layer.node.training for layer in report)


def test_a_layer_is_in_its_report(report):
    assert "conv1" in report
    assert report["conv1"] in report
    assert "conv9" not in report
    assert 0 not in report


@pytest.mark.parametrize(
    ("name", "hint"),
    [("conv2x", "did you mean 'conv2'"), ("quux", "there are conv1, relu1"), ("quux", "and "), (0, "named '0'")],
)
def test_a_name_that_is_missing_lists_those_that_exist(report, name, hint):
    with pytest.raises(KeyError, match=hint):
        report[name]


@pytest.mark.parametrize("network", ["lenet5", "googlenet", "resnet@50", "capsnet"])
def test_what_an_interactive_session_prints_is_one_short_line(network):
    spec = cnncalc.load(network)
    report = spec.analyze()
    for each in (spec, report, report.layers[0], report.graph):
        text = repr(each)
        assert "\n" not in text
        assert len(text) < 200
        assert text.startswith(f"<{type(each).__name__} ")


def test_the_line_of_a_report(report):
    assert repr(report) == "<Report on AlexNet: 3×227×227 → 1000, 23 layers, 60,965,224 parameters>"
    assert repr(report["conv1"]) == "<LayerReport on conv1: conv, output 96×55×55, 34,944 parameters>"


def test_the_line_of_what_is_not_known():
    report = cnncalc.load("[unknown: {op: lstm, shape: [3]}, {conv: {out_channels: 3, kernel_size: 1}, from: input}]")
    assert "at least 12 parameters" in repr(report.analyze(input="3xHxW"))
    assert "3×H×W → 3×H×W" in repr(report.analyze(input="3xHxW"))


def test_a_layer_outlives_its_report():
    layer = cnncalc.load("lenet5").analyze()["C3"]
    gc.collect()
    assert layer.receptive_field["input"].size == (14, 14)


@pytest.mark.parametrize("network", ["resnet@50", "inception_v3", "unet"])
def test_memory_is_freed_without_a_collection_of_garbage(network):
    spec = cnncalc.load(network)
    assert spec.analyze().totals
    gc.collect()
    gc.disable()
    try:
        assert spec.analyze().totals
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("sizes", ["3x32x32", "Cx32x32"])
def test_totals_are_the_sum_of_the_layers(sizes):
    spec = cnncalc.parse(
        "input: 3x32x32\nblocks: {b: [{conv: {out_channels: in_channels, kernel_size: 3}}, batchnorm]}\n"
        "layers: [{b: , repeat: 5}, {b: , frozen: true}, {conv: {out_channels: 7, kernel_size: 1}}]\n"
    )
    report = spec.analyze(input=sizes)
    expected = Parameters()
    for node in report.graph.nodes:
        expected += parameters_of(node)
    assert report.totals == expected
    assert report.totals.trainable != report.totals.params
    assert sum_of([]) == Parameters()
