"""Every letter of a formula is defined; `D` is the depth where three axes are flattened."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.explanations.explanation import explain
from cnncalc.explanations.letters import meanings
from cnncalc.layers.operations import Operations


@pytest.mark.parametrize("name", shipped.names())
def test_every_letter_is_defined(name):
    for explanation in explain(cnncalc.load(name).analyze()):
        defined = meanings(explanation.steps)
        for step in explanation.steps:
            for letter in step.formula.letters() if step.formula else ():
                assert letter in defined or letter in explanation.layer.node.weights, letter


def test_every_kind_of_operation_is_defined():
    from cnncalc.explanations.formula import Letter
    from cnncalc.explanations.steps import Step

    for kind in Operations._fields:
        assert kind in meanings([Step("FLOPs", Letter(kind))])


def test_a_letter_with_two_meanings_has_both():
    spec = "[conv: {out_channels: 2, kernel_size: 3, dilation: 2}, flatten]"
    steps = [step for each in explain(cnncalc.load(spec).analyze(input=(1, 9, 9, 9))) for step in each.steps]
    assert meanings(steps)["D"] == "dilation, or depth"
    assert meanings(steps[-3:])["D"] == "depth"
