"""Non-maximum suppression leaves as many boxes as a number, or a symbol, says."""

import pytest

import cnncalc
from cnncalc.errors import LayerError, SpecError, UsageError
from cnncalc.layers import LAYERS

from .test_pytorch import require

DETECTOR = """
input: 8x16x16
params: {left: 1}
layers:
  - conv: {out_channels: 4, kernel_size: 1}
  - reshape: [4, 256]
    name: boxes
  - conv: {out_channels: 1, kernel_size: 1}
    from: input
  - reshape: [256]
    name: scores
  - nms: BOXES
    from: [boxes, scores]
    name: kept
  - roi_align: {output_size: 3, spatial_scale: 1/4}
    from: [input, kept]
  - permute: [1, 3, 4, 2]
  - flatten: {start_dim: 1, end_dim: 3}
  - linear: {out_features: 5, axis: channels}
outputs: {classes: linear1, scores: kept.scores}
"""


def detector(boxes):
    return cnncalc.parse(DETECTOR.replace("BOXES", str(boxes)))


def test_figures_are_closed_forms_in_the_number_of_boxes():
    report = detector("R").analyze()
    assert report.outputs["classes"][0] == 5
    assert [str(condition.relation) for condition in report.graph.conditions] == ["R <= 256"]
    for number in (1, 7, 256):
        at, given = report.at(R=number), detector(number).analyze()
        assert at.outputs == given.outputs == {"classes": (5, number), "scores": (number,)}
        assert at.cost.macs == given.cost.macs
        assert at.memory().peak == given.memory().peak
    assert report.cost.at_least  # which boxes are compared is not known


def test_more_boxes_than_there_are():
    with pytest.raises(UsageError, match="kept is not valid at R=257"):
        detector("R").analyze().at(R=257)
    with pytest.raises(SpecError, match="nms cannot leave 257 of 256 boxes"):
        detector(257).analyze()


def test_a_parameter_comes_before_a_symbol():
    text = DETECTOR.replace("left: 1", "R: 3").replace("BOXES", "R")
    assert cnncalc.parse(text).analyze().outputs["classes"] == (5, 3)


def test_a_word_is_no_symbol():
    with pytest.raises(SpecError, match="many"):
        detector("many")


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        (((4, 9), (8,)), "nms needs a score per box, [9], got [8]"),
        (((4, 9), (9, 1)), "nms needs a score per box, [9], got [9, 1]"),
        (((9, 4), (9,)), "nms needs boxes as [4, number of boxes]: x1, y1, x2, y2, got [9, 4]"),
    ],
)
def test_what_it_refuses(shapes, sentence):
    with pytest.raises(LayerError) as refused:
        LAYERS["nms"].make({"boxes": 2}, 1).output(shapes, require)
    assert refused.value.message == sentence
