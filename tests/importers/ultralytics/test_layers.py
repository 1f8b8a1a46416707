"""Modules that are layers: PyTorch's, joins, and the splits of YOLOv9."""

from contextlib import suppress

import pytest

import cnncalc
from cnncalc.errors import SpecError
from cnncalc.importers.ultralytics.layers import LAYERS

from .models import rows


def shape(*lines, entering=(16, 32, 32)):
    return cnncalc.parse(rows("[-1, 1, nn.Identity, []]", *lines)).analyze(input=entering).outputs["output"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("nn.Upsample, [None, 2, nearest]", (16, 64, 64)),
        ("nn.MaxPool2d, [2, 2, 0]", (16, 16, 16)),
        ("nn.ZeroPad2d, [[0, 1, 2, 3]]", (16, 37, 33)),
        ("nn.ZeroPad2d, [1]", (16, 34, 34)),
        ("nn.ConvTranspose2d, [8, 2, 2, 0]", (8, 64, 64)),
        ("nn.BatchNorm2d, [16]", (16, 32, 32)),
        ("nn.ReLU, []", (16, 32, 32)),
        ("nn.PixelShuffle, [4]", (1, 128, 128)),
        ("Contract, [2]", (64, 16, 16)),
        ("nn.AdaptiveAvgPool2d, [4]", (16, 4, 4)),
        ("nn.Flatten, []", (16 * 32 * 32,)),
    ],
)
def test_pytorchs_own(row, expected):
    assert shape(f"[-1, 1, {row}]") == expected


def test_joins():
    assert shape("[-1, 1, nn.ReLU, []]", "[[-1, 0], 1, Concat, [1]]") == (32, 32, 32)
    assert shape("[-1, 1, nn.ReLU, []]", "[[-1, 0], 1, Shortcut, [1]]") == (16, 32, 32)
    assert shape("[-1, 1, nn.ReLU, []]", "[[-1, 0], 1, Concat, [2]]") == (16, 64, 32)


def test_splits_are_fused():
    split = "[0, 1, CBLinear, [[8, 24]]]"
    small = "[0, 1, Conv, [24, 3, 2]]"
    assert shape(split, small, "[[1, -1], 1, CBFuse, [[1]]]") == (24, 16, 16)
    with pytest.raises(SpecError, match="no such part"):
        shape(split, small, "[[1, -1], 1, CBFuse, [[2]]]")


@pytest.mark.parametrize("name", LAYERS)
def test_no_arguments_are_a_layer_or_a_sentence(name):
    with suppress(SpecError):
        assert shape(f"[-1, 1, {name}, []]")
