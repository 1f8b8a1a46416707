"""Depths and widths, rounded as the package rounds them."""

import math

import pytest

import cnncalc

from .models import rows


def params_of(text, variant=None):
    return cnncalc.parse(text).at(variant).graph().params


@pytest.mark.parametrize("width", ["0.25", "0.33", "0.5", "0.75", "1.0", "1.25", "0.28", "1.1"])
@pytest.mark.parametrize("number", [8, 64, 100, 160, 200, 640, 1280])
def test_channels_are_rounded_up_to_eights(width, number):
    """In floating point: 200 × 0.28 is 56.00000000000001 there, and 64 channels."""
    text = rows(f"[-1, 1, Conv, [{number}, 1]]", keys=f"nc: 3\nscales: {{a: [1, {width}, 1024]}}\n")
    expected = math.ceil(min(number, 1024) * float(width) / 8) * 8
    assert params_of(text)[f"c{number}"] == params_of(text, "a")[f"c{number}"] == expected


@pytest.mark.parametrize("depth", ["0.33", "0.5", "0.67", "1.0", "1.33"])
@pytest.mark.parametrize("number", [2, 3, 5, 6, 9, 12])
def test_repeats_are_rounded_to_even(depth, number):
    text = rows(f"[-1, {number}, C2f, [64]]", keys=f"depth_multiple: {depth}\nnc: 3\n")
    assert params_of(text)[f"n{number}"] == max(round(number * float(depth)), 1)


def test_without_factors_numbers_are_numbers():
    report = cnncalc.parse(rows("[-1, 2, C2f, [60]]")).graph()
    assert set(report.params) == {"nc", "act"}
    assert report.nodes[-1].output[0] == 64


def test_modules_repeat_in_a_sequence():
    graph = cnncalc.parse(rows("[-1, 3, Conv, [64]]")).graph()
    assert {node.name.split(".")[2] for node in graph.nodes} == {"0", "1", "2"}


def test_the_classes_are_no_channels():
    """As many channels as classes are not scaled."""
    graph = cnncalc.parse(
        rows("[-1, 1, Conv, [30]]", "[-1, 1, Conv, [nc]]", keys="nc: 30\nwidth_multiple: 2\n")
    ).graph()
    assert [node.output[0] for node in graph.nodes if node.kind == "conv"] == [30, 30]


def test_larger_scales_have_other_modules():
    keys = "nc: 3\nscales: {s: [1, 1, 1024], m: [1, 1, 1024], l: [1, 1, 1024]}\n"
    text = rows("[-1, 1, Conv, [64]]", "[-1, 1, C3k2, [64, False]]", "[-1, 1, A2C2f, [64, True, 1]]", keys=keys)
    sizes = {variant: cnncalc.parse(text).at(variant).graph(input=(3, 16, 16)) for variant in "sml"}
    names = {variant: {node.name for node in graph.nodes} for variant, graph in sizes.items()}
    assert not any(".stage" in name for name in names["s"])
    assert any(".stage" in name for name in names["m"])
    assert not any("gamma" in name for name in names["m"])
    assert any("gamma" in name for name in names["l"])
