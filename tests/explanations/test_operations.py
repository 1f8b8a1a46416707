"""Operations as explanations write them: every MACs and FLOPs line ends in the layer's own figure."""

import pytest

import cnncalc
from cnncalc.explanations.explanation import explain
from cnncalc.explanations.operations import operation_steps


@pytest.mark.parametrize("name", ["alexnet", "resnet@50", "mobilenet_v2", "unet", "lenet5", "neocognitron@synapses"])
def test_steps_end_in_the_figures(name):
    for layer in cnncalc.load(name).analyze().layers:
        results = {step.label: step.results for step in operation_steps(layer.node)}
        assert results.get("MACs", (0,)) == (layer.macs,)
        assert results.get("FLOPs", (0,)) == (layer.flops,)


@pytest.mark.parametrize(
    ("item", "chain"),
    [
        ("conv: {out_channels: 8, kernel_size: [3, 1], groups: 2}", "positions·K·(C/G)·F_1·F_2"),
        ("conv_transpose: {out_channels: 8, kernel_size: 2}", "positions·C·K·F·F"),
        ("locally_connected: {out_channels: 8, kernel_size: [3, 1]}", "positions·K·C·F_1·F_2"),
        ("linear: {out_features: 5, axis: channels}", "positions·K·C"),
    ],
)
def test_what_macs_range_over(item, chain):
    (explanation,) = explain(cnncalc.parse(f"input: 4x6x5\nlayers: [{item}]").analyze())
    (step,) = (step for step in explanation.steps if step.label == "MACs")
    assert step.formula.render() == chain


def test_unshared_weights_are_a_convolutions_at_every_position():
    item = "locally_connected: {out_channels: 8, kernel_size: 3}"
    (explanation,) = explain(cnncalc.parse(f"input: 4x6x5\nlayers: [{item}]").analyze())
    steps = {step.label: (step.formula.render(), step.results) for step in explanation.steps if step.formula}
    assert steps["weights"] == ("positions·K·C·F·F", (4 * 3 * 8 * 4 * 9,))
    assert steps["biases"] == ("positions·K", (4 * 3 * 8,))
