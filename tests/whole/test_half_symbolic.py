"""One axis a number, the other a symbol: every command answers."""

import pytest

import cnncalc
from cnncalc.render.views.explanation import as_latex, as_text
from cnncalc.render.views.shapes import shapes_view
from cnncalc.solutions.fixes import input_fixes, layer_fixes


@pytest.mark.parametrize("shape", [(3, 224, "W"), (3, "H", 224), (3, 227, "W")])
def test_a_misfit_on_one_axis_and_a_symbol_on_the_other(shape):
    from cnncalc.explanations.explanation import explain

    report = cnncalc.load("alexnet").analyze(input=shape)
    assert input_fixes(report.graph) == []
    assert layer_fixes(report.graph, "conv1") == []
    assert any("drop pixels" in note.text for note in shapes_view(report).notes) == (224 in shape)
    assert as_text(explain(report), 80)
    assert as_latex(explain(report, "conv1"))
