"""Networks folded into boxes and edges."""

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.render.pictures.drawing import MOST_BOXES, Box, drawing_of

from ...shipped_networks import small


def draw(name, depth=None):
    return drawing_of(cnncalc.load(name).analyze(), depth)


def test_what_keeps_the_shape_rides_along():
    drawing = draw("alexnet")
    assert drawing.boxes[:3] == (
        Box("input", "", "input"),
        Box("conv1", "conv 11×11, 96, stride 4 · relu · lrn", "layer"),
        Box("maxpool1", "maxpool 3×3, stride 2", "layer"),
    )
    assert [edge.shape for edge in drawing.edges][:3] == ["3×227×227", "96×55×55", "96×27×27"]
    assert drawing.outputs == ((len(drawing.boxes) - 1, "1000"),)


def test_depth_folds_blocks():
    assert [box.title for box in draw("resnet@18", 1).boxes][2:7] == [
        "maxpool1",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
    ]
    assert draw("resnet@18", 1).boxes[3] == Box("layer1", "14 layers", "block")
    titles = [box.title for box in draw("resnet@18", 3).boxes]
    assert "layer2.0.add1" in titles
    assert "layer2.0.relu1" not in titles


def test_equal_blocks_in_a_row_are_one_box():
    assert Box("encoder.0 … 11", "12 × 10 layers", "block") in draw("vit").boxes
    boxes = draw("resnet@50", 2).boxes
    assert Box("layer3.1 … 5", "5 × 10 layers", "block") in boxes
    assert Box("layer3.0", "12 layers", "block") in boxes


def test_a_tensor_that_is_read_twice_has_two_edges():
    drawing = draw("unet")
    lengths = [edge.target - edge.source for edge in drawing.edges]
    assert sorted(lengths)[-4:] == [2, 4, 6, 8]  # the skips around the valley


@pytest.mark.parametrize("name", shipped.names())
def test_every_network_has_a_drawing_whose_edges_lead_on(name):
    given = small(name)
    report = cnncalc.load(name).analyze(given.get("input"), given.get("params"))
    drawing = drawing_of(report)
    assert all(edge.source < edge.target for edge in drawing.edges)
    reached = {edge.target for edge in drawing.edges}
    starts = [place for place, box in enumerate(drawing.boxes) if place not in reached]
    sources = ("parameter", "constant")
    assert all(
        drawing.boxes[place].kind in ("input", "block") or drawing.boxes[place].words.startswith(sources)
        for place in starts
    )
    assert len(drawing.boxes) <= MOST_BOXES + 1 or len(drawing.boxes) == len(drawing_of(report, 1).boxes)
