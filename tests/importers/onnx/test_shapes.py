"""Arithmetic that says shapes is done while reading: `view`, `Resize` and slices stay closed forms of the input."""

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, traced, weights

SYMBOLS = {"x": ["batch", 3, "height", "width"]}
I = np.array  # noqa: E741


def analysed(network, **at):
    report = parse(spec_text(network)).analyze()
    return report.at(**at) if at else report


def test_dimensions_with_names_are_symbols():
    network = traced([("Conv", ["x", "w"], ["y"], {"strides": [2, 2]})], SYMBOLS, {"w": weights(8, 3, 3, 3)})
    assert [str(size) for size in network.inputs["x"]] == ["3", "H", "W"]
    assert str(analysed(network).outputs["output"][1]) == "(H + 1)//2 - 1"
    assert analysed(network, H=224, W=97).outputs["output"] == (8, 111, 48)


@pytest.mark.parametrize(
    ("dims", "symbols"),
    [
        (["n", 3, "S", "S"], ["3", "S", "S"]),
        ([None, 3, None, None], ["3", "H", "W"]),
        (["n", "c", "t"], ["C", "L"]),
        ([2, 3, "a", "b"], ["3", "H", "W"]),
        (["n", 1, "d", "h", "w"], ["1", "D", "H", "W"]),
    ],
)
def test_letters_of_dimensions(dims, symbols):
    network = traced([("Relu", ["x"], ["y"])], {"x": dims})
    assert [str(size) for size in network.inputs["x"]] == symbols


SIZE_OF_BATCH = [("Shape", ["x"], ["s"]), ("Gather", ["s", "zero"], ["n"]), ("Unsqueeze", ["n", "axis"], ["m"])]


def test_a_view_that_keeps_the_batch_is_flatten():
    nodes = [*SIZE_OF_BATCH, ("Concat", ["m", "rest"], ["shape"], {"axis": 0}), ("Reshape", ["x", "shape"], ["y"])]
    numbers = {"zero": I(0), "axis": I([0]), "rest": I([-1])}
    network = traced(nodes, SYMBOLS, numbers)
    assert kinds(network) == ["flatten"]
    assert str(analysed(network).outputs["output"][0]) == "3*H*W"


@pytest.mark.parametrize("target", [[-1, 192], [0, 192], [1, 192], [0, -1]])
def test_a_view_by_numbers_is_flatten_too(target):
    network = traced([("Reshape", ["x", "shape"], ["y"])], {"x": [1, 3, 8, 8]}, {"shape": I(target)})
    assert kinds(network) == ["flatten"]


def test_a_view_that_folds_an_axis_into_the_batch_is_one_of_every_sample():
    views = [("Reshape", ["x", "shape"], ["v"]), ("Relu", ["v"], ["r"]), ("Reshape", ["r", "back"], ["y"])]
    network = traced(views, {"x": [2, 3, 8, 8]}, {"shape": I([6, 64]), "back": I([2, 3, 8, 8])})
    assert kinds(network) == ["flatten", "relu", "reshape"]
    assert network.nodes[0].output == (3, 64)


def test_a_view_that_moves_numbers_between_samples_is_unknown():
    network = traced([("Reshape", ["x", "shape"], ["y"])], {"x": [2, 3, 8, 8]}, {"shape": I([3, 128])})
    assert kinds(network) == ["unknown"]
    assert "it flattens the batch too" in network.warnings[0]


def test_a_resize_to_the_size_of_another_tensor():
    """What PyTorch writes for F.interpolate(x, size=skip.shape[2:])."""
    nodes = [
        ("MaxPool", ["x"], ["p"], {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("Shape", ["x"], ["s"]),
        ("Slice", ["s", "two", "four", "zero"], ["sizes"]),
        ("Shape", ["p"], ["ps"]),
        ("Slice", ["ps", "zero", "two", "zero"], ["front"]),
        ("Concat", ["front", "sizes"], ["target"], {"axis": 0}),
        ("Resize", ["p", "", "", "target"], ["u"], {"mode": "linear"}),
        ("Concat", ["x", "u"], ["y"], {"axis": 1}),
    ]
    numbers = {"zero": I([0]), "two": I([2]), "four": I([4])}
    network = traced(nodes, SYMBOLS, numbers)
    assert kinds(network) == ["maxpool", "upsample", "concat"]
    assert network.nodes[1].inputs == ("maxpool1", "x")
    assert "like" in network.nodes[1].arguments
    assert network.nodes[1].arguments["mode"] == "bilinear"
    assert analysed(network, H=9, W=12).outputs["output"] == (6, 9, 12)


def test_a_resize_to_twice_the_size_is_by_two():
    nodes = [
        ("Shape", ["x"], ["s"]),
        ("Slice", ["s", "two", "four", "zero"], ["sizes"]),
        ("Mul", ["sizes", "two"], ["twice"]),
        ("Slice", ["s", "zero", "two", "zero"], ["front"]),
        ("Concat", ["front", "twice"], ["target"], {"axis": 0}),
        ("Resize", ["x", "", "", "target"], ["y"], NEAREST),
    ]
    numbers = {"zero": I([0]), "two": I([2]), "four": I([4])}
    network = traced(nodes, SYMBOLS, numbers)
    assert network.nodes[0].arguments == {"scale_factor": 2, "mode": "nearest"}


def test_sizes_through_floats_and_back():
    """What exporters write for a scale: cast, multiply, floor, cast."""
    nodes = [
        ("Shape", ["x"], ["s"]),
        ("Slice", ["s", "two", "four", "zero"], ["sizes"]),
        ("Cast", ["sizes"], ["f"], {"to": 1}),
        ("Mul", ["f", "half"], ["h"]),
        ("Floor", ["h"], ["g"]),
        ("Cast", ["g"], ["i"], {"to": 7}),
        ("Slice", ["s", "zero", "two", "zero"], ["front"]),
        ("Concat", ["front", "i"], ["target"], {"axis": 0}),
        ("Resize", ["x", "", "", "target"], ["y"], NEAREST),
    ]
    numbers = {"zero": I([0]), "two": I([2]), "four": I([4]), "half": np.float32(0.5)}
    network = traced(nodes, SYMBOLS, numbers)
    assert [str(size) for size in network.nodes[0].arguments["size"]] == ["H//2", "W//2"]
    concrete = traced(nodes, {"x": [1, 3, 9, 12]}, numbers)
    assert concrete.nodes[0].output == (3, 4, 6)


NEAREST = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
