"""Arithmetic with single numbers, and shapes that only repeat: one layer each, at sizes that are not known too."""

from fractions import Fraction

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text

from .models import kinds, traced, weights

F = np.float32
SIZES = ({"x": ["batch", 4, 8, 8]}, {"x": ["batch", 4, "H", "W"]})
NUMBERS = {
    "two": F(2),
    "half": F(0.5),
    "three": F(3),
    "twenty": F(20),
    "axis": np.array([1]),
    "spatial": np.array([2, 3]),
}
LENGTH = ("ReduceL2", ["x", "axis"], ["l"], {"keepdims": 1})
SOFT = [("Mul", ["x", "two"], ["a"]), ("Softplus", ["a"], ["s"]), ("Div", ["s", "two"], ["d"])]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("nodes", "kind", "arguments"),
    [
        ([("Mul", ["x", "half"], ["y"])], "rescale", {"factor": Fraction(1, 2), "offset": 0}),
        ([("Div", ["x", "two"], ["y"])], "rescale", {"factor": Fraction(1, 2), "offset": 0}),
        ([("Sub", ["two", "x"], ["y"])], "rescale", {"factor": -1, "offset": 2}),
        ([("Neg", ["x"], ["y"])], "rescale", {"factor": -1, "offset": 0}),
        (
            [("Mul", ["x", "half"], ["a"]), ("Add", ["two", "a"], ["b"]), ("Mul", ["b", "three"], ["y"])],
            "rescale",
            {"factor": Fraction(3, 2), "offset": 6},
        ),
        ([*SOFT[:2], ("Div", ["s", "two"], ["y"])], "softplus", {"beta": 2}),
        (
            [*SOFT, ("Greater", ["a", "twenty"], ["g"]), ("Where", ["g", "x", "d"], ["y"])],
            "softplus",
            {"beta": 2, "threshold": 20},
        ),
        (
            [("Softplus", ["x"], ["s"]), ("Greater", ["x", "twenty"], ["g"]), ("Where", ["g", "x", "s"], ["y"])],
            "softplus",
            {"threshold": 20},
        ),
        ([LENGTH, ("Clip", ["l", "half"], ["c"]), ("Div", ["x", "c"], ["y"])], "l2norm", {}),
        (
            [LENGTH, ("Shape", ["x"], ["s"]), ("Expand", ["l", "s"], ["e"]), ("Div", ["x", "e"], ["y"])],
            "l2norm",
            {},
        ),
        ([("ReduceMax", ["x", "spatial"], ["y"], {"keepdims": 1})], "global_maxpool", {}),
    ],
)
def test_it_is_one_layer(nodes, kind, arguments, sizes):
    network = traced(nodes, sizes, NUMBERS)
    (node,) = network.nodes
    assert (node.kind, node.arguments, node.inputs) == (kind, arguments, ("x",))
    assert not network.warnings
    spec_text(network)


def test_a_number_that_others_read_before_the_next_is_two_layers():
    nodes = [("Mul", ["x", "half"], ["a"]), ("Add", ["a", "two"], ["b"]), ("Add", ["a", "b"], ["y"])]
    assert kinds(traced(nodes, SIZES[0], NUMBERS)) == ["rescale", "rescale", "add"]


@pytest.mark.parametrize("shape", [(4, 1, 1), (1, 4, 1, 1)])
def test_slopes_with_and_without_a_batch(shape):
    (node,) = traced([("PRelu", ["x", "slope"], ["y"])], SIZES[1], {"slope": weights(*shape)}).nodes
    assert (node.kind, node.arguments) == ("prelu", {"num_parameters": 4})


@pytest.mark.parametrize("shape", [(8,), (4,), (1, 1, 1, 8), (4, 8, 8)])
def test_slopes_of_something_else(shape):
    assert kinds(traced([("PRelu", ["x", "slope"], ["y"])], {"x": [1, 4, 8, 8]}, {"slope": weights(*shape)})) == [
        "unknown"
    ]


POOLED = [("GlobalAveragePool", ["x"], ["p"]), ("Shape", ["x"], ["s"]), ("Expand", ["p", "s"], ["e"])]


@pytest.mark.parametrize("sizes", SIZES)
def test_what_a_product_repeats_itself_is_no_layer(sizes):
    """`x * y.expand_as(x)`, as squeeze-and-excitation is often written."""
    network = traced([*POOLED, ("Mul", ["x", "e"], ["y"])], sizes)
    assert kinds(network) == ["global_avgpool", "multiply"]
    assert not network.warnings


def test_what_alone_has_the_size_stays():
    """Nothing else in the sum has the repeated size: it cannot be left out."""
    network = traced([*POOLED, ("Add", ["p", "e"], ["y"])], {"x": [1, 4, 8, 8]}, shapes={"y": [1, 4, 8, 8]})
    assert kinds(network) == ["global_avgpool", "unknown"]
    assert network.nodes[-1].output == (4, 8, 8)


DEALT = [("Reshape", ["x", "dealt"], ["d"]), ("Transpose", ["d"], ["t"], {"perm": [0, 1, 3, 5, 2, 4]})]
AXES = [
    ("Unsqueeze", ["x", "three"], ["u"]),
    ("Reshape", ["u", "rows"], ["h"]),
    ("Reshape", ["h", "columns"], ["w"]),
    ("Transpose", ["w"], ["t"], {"perm": [0, 1, 3, 5, 2, 4]}),
    ("Reshape", ["t", "back"], ["b"]),
    ("Squeeze", ["b", "gone"], ["y"]),
]


@pytest.mark.parametrize(
    ("nodes", "numbers", "sizes"),
    [
        ([*DEALT, ("Reshape", ["t", "back"], ["y"])], {"dealt": [-1, 4, 4, 2, 4, 2], "back": [-1, 16, 4, 4]}, SIZES[0]),
        (
            AXES,
            {
                "three": [3],
                "rows": [0, 0, -1, 2, 0],
                "columns": [0, 0, 0, 0, -1, 2],
                "back": [0, -1, 1, 1, 0, 0],
                "gone": [2, 3],
            },
            SIZES[1],
        ),
    ],
)
def test_pixels_laid_out_as_channels(nodes, numbers, sizes):
    network = traced(nodes, sizes, {name: np.array(values) for name, values in numbers.items()})
    assert [(node.kind, node.arguments) for node in network.nodes] == [("pixel_unshuffle", {"downscale_factor": 2})]
    spec_text(network)


GROUPS = [
    ("Reshape", ["x", "laid"], ["a"]),
    ("InstanceNormalization", ["a", "ones", "zeros"], ["n"], {"epsilon": 0.001}),
    ("Shape", ["x"], ["s"]),
    ("Reshape", ["n", "s"], ["b"]),
]
FACTORS = [("Mul", ["b", "w"], ["m"]), ("Add", ["m", "v"], ["y"])]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("more", "arguments"), [([], {"affine": False}), (FACTORS, {})])
def test_groups_normalized(more, arguments, sizes):
    """As exporters write it for want of an operator: groups laid out as channels, and factors behind."""
    numbers = {"laid": np.array([0, 2, -1]), "ones": np.ones(2, F), "zeros": np.zeros(2, F)}
    numbers |= {name: weights(4, 1, 1) for name in "wv" if more}
    (node,) = traced([*GROUPS, *more], sizes, numbers, outputs=("y" if more else "b",)).nodes
    assert (node.kind, node.inputs) == ("groupnorm", ("x",))
    assert node.arguments == {"num_groups": 2, "eps": Fraction(1, 1000), **arguments}


def test_what_changes_nothing_is_no_layer():
    nodes = [("Relu", ["x"], ["r"]), ("Pad", ["r", "pads"], ["p"]), ("Mul", ["p", "one"], ["y"])]
    assert kinds(traced(nodes, SIZES[1], {"pads": np.zeros(8, dtype=np.int64), "one": F(1)})) == ["relu"]
