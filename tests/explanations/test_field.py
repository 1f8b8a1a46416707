"""The steps of the receptive field: the recurrence of a chain, and words where there is none."""

import pytest

from cnncalc import load, parse
from cnncalc.explanations.explanation import explain
from cnncalc.explanations.steps import Step


def steps(report, name: str) -> dict[str, str]:
    """Label → formula with numbers, result, note."""
    (found,) = explain(report, name)
    return {
        step.label: " ".join(filter(None, [numbers(step), *map(str, step.results), step.note])) for step in found.steps
    }


def numbers(step: Step) -> str:
    return step.formula.render(step.values) if step.formula else ""


def test_a_chain():
    found = steps(load("alexnet").analyze(), "conv2")
    assert found["field"] == "19 + (5 − 1)·8 51"
    assert found["jump"] == "8·1 8"


def test_the_first_layer_begins_with_one_pixel():
    assert steps(load("alexnet").analyze(), "conv1")["field"] == "1 + (11 − 1)·1 11"


@pytest.mark.parametrize("name", ["vgg@16", "resnet@50", "googlenet", "mobilenet_v2", "unet", "tcn"])
def test_the_formula_gives_the_fields_own_size_and_stride(name):
    for explanation in explain(load(name).analyze()):
        found = explanation.layer.receptive_field.get("input")
        for step in explanation.steps:
            what = step.label.split()[0]
            if step.formula is not None and what in ("field", "jump"):
                value = eval(numbers(step).replace("−", "-").replace("·", "*"))
                assert (value,) == step.results
                assert value in (found.size if what == "field" else found.stride)


def test_what_changes_nothing_says_nothing():
    assert "field" not in steps(load("resnet@50").analyze(), "relu1")


def test_several_paths():
    found = steps(load("resnet@50").analyze(), "layer2.0.add1")
    assert found["field"] == "43×43 in steps of 8: the union of 2 paths (43×43, 35×35), aligned"
    text = "input: 1x16\nlayers: [{conv: {out_channels: 1, kernel_size: 3, padding: [[2, 0]]}}, {add: input}]"
    assert steps(parse(text).analyze(), "add1")["field"] == "3 in steps of 1: the union of 2 paths (3, 1), not aligned"


def test_the_whole_input():
    assert steps(load("resnet@50").analyze(), "global_avgpool1")["field"] == "the whole input"


def test_upsampling():
    assert steps(load("unet").analyze(), "conv_transpose1")["field"] == "140×140 in steps of 8"
    text = "input: 1x8\nlayers: [{upsample: 4}]"
    assert "field" in steps(parse(text).analyze(), "upsample1")


def test_symbols():
    report = parse("input: 1xH\nlayers: [{adaptive_avgpool: 3}]").analyze()
    assert steps(report, "adaptive_avgpool1")["field"] == "depends on the input"


@pytest.mark.parametrize("name", ["left", "right"])
def test_several_inputs_are_named(name):
    text = "input: {left: 1x8, right: 1x8}\nlayers: [{conv: {out_channels: 1, kernel_size: 3}, from: %s}]"
    assert f"field of {name}" in steps(parse(text % name).analyze(), "conv1")


def test_a_vector_has_no_field():
    assert "field" not in steps(parse("input: 10\nlayers: [linear: 3, relu]").analyze(), "linear1")
