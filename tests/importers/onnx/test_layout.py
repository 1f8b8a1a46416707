"""Models that are channels last between their convolutions: the spec is channels first, without permutations."""

import numpy as np
import pytest

from cnncalc.importers.onnx.reordering import moved_axis
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, model, traced, weights

IN = ("Transpose", ["x"], ["f"], {"perm": [0, 3, 1, 2]})
CONV = ("Conv", ["f", "w"], ["c"])
BACK = ("Transpose", ["c"], ["l"], {"perm": [0, 2, 3, 1]})
SIZES = {"x": ["N", 32, 40, 3]}
HELD = {"w": weights(8, 3, 5, 3)}


def between(*nodes, **held):
    """A network that is channels last after its convolution."""
    return traced([IN, CONV, BACK, *nodes], SIZES, {**HELD, **held})


def test_a_convolution_reads_channels_first():
    network = traced([IN, CONV, ("Transpose", ["c"], ["y"], {"perm": [0, 2, 3, 1]})], SIZES, HELD)
    assert (network.inputs, kinds(network)) == ({"x": (3, 32, 40)}, ["conv"])
    assert network.nodes[-1].output == (8, 28, 38)
    assert any("channels last" in warning for warning in network.warnings)
    field = parse(spec_text(network)).analyze()["conv1"].receptive_field["input"]
    assert field.size == (5, 3)


@pytest.mark.parametrize(
    ("node", "held", "expected"),
    [
        (("Relu", ["l"], ["y"]), {}, ["conv", "relu"]),
        (("Softmax", ["l"], ["y"], {"axis": 3}), {}, ["conv", "softmax"]),
        (("PRelu", ["l", "s"], ["y"]), {"s": weights(1, 1, 8)}, ["conv", "prelu"]),
        (("Mul", ["l", "s"], ["y"]), {"s": weights(8)}, ["conv", "scale"]),
        (("Add", ["l", "l"], ["y"]), {}, ["conv", "add"]),
        (("Concat", ["l", "l"], ["y"], {"axis": -1}), {}, ["conv", "concat"]),
        (("ReduceMean", ["l", "axes"], ["y"], {"keepdims": 0}), {"axes": np.array([1, 2])}, ["conv", "mean"]),
        (("ReduceMean", ["l", "axes"], ["y"]), {"axes": np.array([1, 2])}, ["conv", "global_avgpool"]),
        (("Pad", ["l", "pads"], ["y"]), {"pads": np.array([0, 1, 2, 0, 0, 3, 4, 0])}, ["conv", "pad"]),
    ],
)
def test_an_operator_between_convolutions(node, held, expected):
    network = between(node, **held)
    assert kinds(network) == expected
    again = between(
        ("Identity", ["l"], ["m"]),
        (node[0], [n.replace("l", "m") if n == "l" else n for n in node[1]], *node[2:]),
        **held,
    )
    assert kinds(again) == expected


def test_the_arguments_are_those_of_channels_first():
    assert between(("Softmax", ["l"], ["y"], {"axis": 3})).nodes[-1].arguments == {"dim": 1}
    assert between(("Concat", ["l", "l"], ["y"], {"axis": 3})).nodes[-1].output == (16, 28, 38)
    pads = np.array([0, 1, 2, 0, 0, 3, 4, 0])
    assert between(("Pad", ["l", "pads"], ["y"]), pads=pads).nodes[-1].arguments["padding"] == [[1, 3], [2, 4]]
    assert between(("ReduceMean", ["l", "a"], ["y"], {"keepdims": 0}), a=np.array([1, 2])).nodes[-1].output == (8,)


def test_a_constant_of_the_input_is_turned_too():
    """Means subtracted in front of the first transposition, as Keras' preprocessing does."""
    nodes = [
        ("Mul", ["x", "factor"], ["m"]),
        ("Transpose", ["m"], ["f"], {"perm": [0, 3, 1, 2]}),
        ("Conv", ["f", "w"], ["y"]),
    ]
    network = traced(nodes, SIZES, {**HELD, "factor": weights(3)})
    assert kinds(network) == ["scale", "conv"]
    assert network.inputs == {"x": (3, 32, 40)}


def test_numbers_are_laid_out_channels_last_where_their_order_matters():
    """Flattened channels last, as Keras does: the permutation stays, and the weights keep their meaning."""
    nodes = [("Reshape", ["l", "flat"], ["r"]), ("MatMul", ["r", "v"], ["y"])]
    network = between(*nodes, flat=np.array([-1, 28 * 38 * 8]), v=weights(28 * 38 * 8, 5))
    assert kinds(network) == ["conv", "permute", "flatten", "linear"]
    assert parse(spec_text(network)).analyze().params == 8 * 3 * 5 * 3 + 28 * 38 * 8 * 5


def test_sizes_are_told_in_the_order_of_the_model():
    nodes = [
        ("Shape", ["l"], ["s"]),
        ("Gather", ["s", "one"], ["h"]),
        ("Unsqueeze", ["h", "none"], ["hs"]),
        ("Concat", ["batch", "hs", "rest"], ["to"], {"axis": 0}),
        ("Reshape", ["l", "to"], ["y"]),
    ]
    held = {"one": np.array(1), "none": np.array([0]), "batch": np.array([0]), "rest": np.array([-1])}
    network = between(*nodes, **held)
    assert network.nodes[-1].output == (28, 38 * 8)


def test_given_sizes_are_channels_first():
    network = trace(model([IN, CONV, BACK, ("Relu", ["l"], ["y"])], {"x": ["N", "h", "w", 3]}, HELD), given=(3, 48, 56))
    assert network.nodes[-1].output == (8, 44, 54)


def test_an_input_that_something_else_reads_stays():
    network = traced([IN, ("Conv", ["f", "w"], ["c"]), ("Flatten", ["x"], ["y"])], SIZES, HELD)
    assert network.inputs == {"x": (32, 40, 3)}


def test_a_transposition_without_a_convolution_stays():
    assert kinds(traced([("Transpose", ["x"], ["y"], {"perm": [0, 3, 1, 2]})], SIZES)) == ["permute"]


@pytest.mark.parametrize("rank", [3, 4, 5])
def test_axes_move(rank):
    assert [moved_axis(axis, rank) for axis in range(rank)] == [0, *range(2, rank), 1]
