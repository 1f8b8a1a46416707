"""Explanations: the arithmetic on the board is that of the report, for every layer of every shipped network."""

import re

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.explanations.explanation import explain
from cnncalc.render.views.explanation import as_latex, as_markdown, as_text
from cnncalc.spec import parse_item


def lines(explanation):
    return {step.label: step for step in explanation.steps}


def test_the_question_most_often_asked_on_the_web():
    report = parse_item("conv: {out_channels: 96, kernel_size: 11, stride: 4}").analyze(input=(3, 227, 227))
    assert as_text(explain(report), 100) == (
        "conv1: conv 11×11, 96, stride 4, on 3×227×227\n"
        "  size         (N − F + 2·P)/S + 1 = (227 − 11 + 2·0)/4 + 1 = 55\n"
        "  output       96×55×55\n"
        "  left over    N + 2·P − F − S·(out − 1) = 227 + 2·0 − 11 − 4·(55 − 1) = 0\n"
        "               (it fits: every row is read)\n"
        "  field        r_in + (E − 1)·j_in = 1 + (11 − 1)·1 = 11\n"
        "  jump         j_in·S = 1·4 = 4\n"
        "  weights      K·C·F·F = 96·3·11·11 = 34,848\n"
        "  biases       K = 96\n"
        "  parameters   weight + bias = 34,848 + 96 = 34,944\n"
        "  MACs         positions·K·C·F·F = 3,025·96·3·11·11 = 105,415,200 (a window per position and filter)\n"
        "  FLOPs        2·mac + add = 2·105,415,200 + 290,400 = 211,120,800 (for one image)\n"
        "\n"
        "letters\n"
        "  N            size of the input, along one axis\n"
        "  F            kernel size\n"
        "  P            padding on each side\n"
        "  S            stride\n"
        "  out          size of the output, along the axis\n"
        "  r_in         size of the receptive field of the input\n"
        "  E            extent of the kernel, D·(F − 1) + 1: F without dilation\n"
        "  j_in         jump of the input: the rows between the fields of neighbours\n"
        "  K            channels or features of the output\n"
        "  C            channels or features of the input\n"
        "  positions    at which the kernel is applied\n"
        "  mac          multiply-accumulates\n"
        "  add          additions and subtractions\n"
    )


def test_a_stride_that_does_not_fit_shows_its_fraction_and_its_fixes():
    report = cnncalc.load("alexnet").analyze(input=(3, 224, 224))
    text = as_text(explain(report, "conv1"), 100)
    assert "(224 − 11 + 2·0)/4 + 1 = 54.25 → 54" in text
    assert "1 row of pixels that no window reads" in text
    assert "input: 3x227x227 (every layer fits, output 1000)" in text


@pytest.mark.parametrize("name", shipped.names())
def test_the_steps_of_every_layer_end_in_the_reports_figures(name):
    report = cnncalc.load(name).analyze()
    for explanation in explain(report):
        steps = explanation.steps
        assert next(step for step in steps if step.label == "output").shape == explanation.layer.output
        weights = [s for s in steps if s.label in ("weights", "biases") or s.label in explanation.layer.node.weights]
        assert sum(step.results[0] for step in weights) == explanation.layer.params
        for step in steps:
            if step.label.startswith("size"):
                assert step.results[-1] in explanation.layer.output[1:]


@pytest.mark.parametrize("name", shipped.names())
def test_the_numbers_put_in_really_give_the_result(name):
    for explanation in explain(cnncalc.load(name).analyze()):
        for step in explanation.steps:
            if step.formula is not None and step.results:
                text = step.formula.render(step.values).replace("−", "-").replace("·", "*")
                assert eval(text) == step.results[0], (explanation.layer.name, text)


def test_axes_that_differ_are_shown_one_by_one():
    report = parse_item("conv: {out_channels: 8, kernel_size: [3, 5]}").analyze(input=(1, 9, 9))
    assert {"size H", "size W"} <= lines(explain(report)[0]).keys()


def test_symbols_stay_in_the_formula():
    report = cnncalc.load("alexnet").analyze(input=(3, "H", "W"))
    text = as_text(explain(report, "conv1"), 200)
    assert "⌊(N − F + 2·P)/S⌋ + 1 = ⌊(H − 11 + 2·0)/4⌋ + 1 = ⌊(H+1)/4⌋ − 2" in text
    assert "it fits where H ≡ 3 (mod 4)" in text


def test_a_block_is_explained_whole_and_an_unknown_name_gets_a_hint():
    report = cnncalc.load("resnet@18").analyze()
    assert {e.layer.name.split(".")[0] for e in explain(report, "layer2")} == {"layer2"}
    with pytest.raises(cnncalc.UsageError, match="no layer named 'conv11': did you mean 'conv1'"):
        explain(report, "conv11")


def test_markdown_and_latex_have_every_step():
    report = cnncalc.load("alexnet").analyze()
    explanations = explain(report, "conv2")
    steps = len(explanations[0].steps)
    assert as_markdown(explanations).count("\n- **") == steps
    latex = as_latex(explanations)
    assert latex.count(r"\text{") >= steps
    assert latex.count("{") == latex.count("}")
    assert not re.search(r"[−·⌊⌋×]", latex)
