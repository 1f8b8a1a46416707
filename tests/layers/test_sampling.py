"""What grid_sample, roi_align and deform_conv refuse, and what they count."""

import pytest

from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS

from .test_pytorch import require

CONV = {"out_channels": 8, "kernel_size": 3, "padding": 1}


@pytest.mark.parametrize(
    ("kind", "arguments", "shapes", "sentence"),
    [
        ("grid_sample", {}, [(3, 9), (1, 4)], "grid_sample needs a map of two or three spatial axes, got [3, 9]"),
        (
            "grid_sample",
            {},
            [(3, 9, 9), (5, 6, 2)],
            "grid_sample needs a grid of 2 channels, a position per axis of [3, 9, 9], got [5, 6, 2]",
        ),
        (
            "grid_sample",
            {"mode": "bicubic"},
            [(3, 9, 9, 9), (3, 2, 2, 2)],
            "grid_sample: mode bicubic needs 2 spatial axes, got 3",
        ),
        ("roi_align", {"output_size": 7}, [(3, 9), (4, 2)], "roi_align needs a map of two spatial axes, got [3, 9]"),
        (
            "roi_align",
            {"output_size": 7},
            [(3, 9, 9), (2, 4)],
            "roi_align needs boxes as [4, number of boxes]: x1, y1, x2, y2, got [2, 4]",
        ),
        ("deform_conv", CONV, [(3, 9, 9), (9, 9, 9)], "deform_conv needs offsets of [18, 9, 9], got [9, 9, 9]"),
        (
            "deform_conv",
            CONV,
            [(3, 9, 9), (18, 9, 9), (18, 9, 9)],
            "deform_conv needs factors of [9, 9, 9], got [18, 9, 9]",
        ),
        (
            "deform_conv",
            {**CONV, "offset_groups": 2},
            [(3, 9, 9), (36, 9, 9)],
            "deform_conv: in_channels (=3) must be divisible by offset_groups (=2)",
        ),
    ],
)  # fmt: skip
def test_what_they_refuse(kind, arguments, shapes, sentence):
    with pytest.raises(LayerError) as refused:
        LAYERS[kind].make(arguments, len(shapes[0]) - 1).output(shapes, require)
    assert refused.value.message == sentence


def test_a_grid_as_pytorch_has_it_is_recognized():
    with pytest.raises(LayerError) as refused:
        LAYERS["grid_sample"].make({}, 2).output([(3, 9, 9), (5, 6, 2)], require)
    assert "permute" in refused.value.hint


def operations(kind, arguments, *shapes):
    layer = LAYERS[kind].make(arguments, len(shapes[0]) - 1)
    return layer.operations(shapes, layer.output(shapes, require))


def test_operations_of_a_grid():
    """For 5·6 positions of 3 channels: 4 products and 3 sums per number; 2·2 sums and 4 products for the weights."""
    found = operations("grid_sample", {}, (3, 9, 9), (2, 5, 6))
    assert (found.mac, found.multiply, found.add) == (0, 30 * (4 * 3 + 4 + 2), 30 * (3 * 3 + 4 + 2))
    nearest = operations("grid_sample", {"mode": "nearest", "padding_mode": "border"}, (3, 9, 9), (2, 5, 6))
    assert nearest == nearest._replace(multiply=60, add=60, compare=120, divide=0)
    cubic = operations("grid_sample", {"mode": "bicubic"}, (3, 9, 9), (2, 5, 6))
    assert (cubic.multiply, cubic.add) == (60 * 13 + 90 * 20, 60 * 14 + 90 * 15)
    volume = operations("grid_sample", {}, (3, 9, 9, 9), (3, 2, 2, 2))
    assert (volume.multiply, volume.add) == (8 * (8 * 3 + 16 + 3), 8 * (7 * 3 + 6 + 3))


def test_operations_of_regions():
    """Points of 2·2 in 3·3 parts of 5 boxes, 4 pixels each, and the mean of 4."""
    found = operations("roi_align", {"output_size": 3}, (2, 9, 9), (4, 5))
    points, values = 5 * 36, 5 * 36 * 2
    assert found.multiply == 4 * values + 4 * points + 2 * points + 4 * 5
    assert found.add == 3 * values + 4 * points + 2 * points + 2 * 5 + (values - values // 4)
    assert (found.divide, found.compare) == (4 * 5 + values // 4, 8 * points + 2 * 5)


def test_a_deformable_convolution_multiplies_as_a_convolution():
    found = operations("deform_conv", {**CONV, "groups": 2, "offset_groups": 4}, (8, 9, 9), (72, 9, 9), (36, 9, 9))
    conv = operations("conv", {**CONV, "groups": 2}, (8, 9, 9))
    values, points = 8 * 9 * 81, 4 * 9 * 81
    assert found.mac == conv.mac
    assert found.multiply == 4 * values + 4 * points + values
    assert found.add == conv.add + 3 * values + 4 * points + 2 * points
