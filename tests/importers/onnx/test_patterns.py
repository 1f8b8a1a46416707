"""Layers that exporters write as several operators, and near misses that are none."""

from fractions import Fraction

import numpy as np
import pytest

from cnncalc import parse
from cnncalc.importers.writing.spec_text import spec_text

from .models import kinds, traced, weights

MAP = {"x": ["batch", 4, 8, 8]}
F = np.float32


def test_a_product_and_a_bias_are_linear():
    nodes = [("MatMul", ["x", "w"], ["p"]), ("Add", ["b", "p"], ["y"])]
    network = traced(nodes, {"x": ["batch", 6]}, {"w": weights(6, 5), "b": weights(5)})
    (node,) = network.nodes
    assert (node.kind, node.arguments) == ("linear", {"out_features": 5, "bias": True})
    assert node.weights == {"weight": (5, 6), "bias": (5,)}


def test_a_product_on_a_map_acts_on_the_last_axis():
    (node,) = traced([("MatMul", ["x", "w"], ["y"])], MAP, {"w": weights(8, 5)}).nodes
    assert node.arguments == {"out_features": 5, "bias": False, "axis": "last"}
    assert node.output == (4, 8, 5)


SILU = [("Sigmoid", ["x"], ["s"]), ("Mul", ["s", "x"], ["y"])]
MISH = [("Softplus", ["x"], ["a"]), ("Tanh", ["a"], ["b"]), ("Mul", ["x", "b"], ["y"])]
HARDSWISH = [("HardSigmoid", ["x"], ["s"], {"alpha": 1 / 6}), ("Mul", ["x", "s"], ["y"])]
CLIPPED = [("Add", ["x", "three"], ["a"]), ("Clip", ["a", "zero", "six"], ["c"])]
CLIP_SWISH = [*CLIPPED, ("Mul", ["x", "c"], ["m"]), ("Div", ["m", "six"], ["y"])]
CLIP_SWISH_INSIDE = [*CLIPPED, ("Div", ["c", "six"], ["d"]), ("Mul", ["d", "x"], ["y"])]
CLIP_SIGMOID = [*CLIPPED, ("Div", ["c", "six"], ["y"])]
ERF = [("Div", ["x", "root"], ["a"]), ("Erf", ["a"], ["e"]), ("Add", ["e", "one"], ["f"])]
GELU = [*ERF, ("Mul", ["x", "f"], ["g"]), ("Mul", ["g", "half"], ["y"])]
GELU_FIRST = [*ERF, ("Mul", ["x", "half"], ["h"]), ("Mul", ["h", "f"], ["y"])]
NUMBERS = {"three": F(3), "zero": F(0), "six": F(6), "one": F(1), "half": F(0.5), "root": F(1.4142135)}


@pytest.mark.parametrize(
    ("nodes", "kind"),
    [
        (SILU, "silu"),
        (MISH, "mish"),
        (HARDSWISH, "hardswish"),
        (CLIP_SWISH, "hardswish"),
        (CLIP_SWISH_INSIDE, "hardswish"),
        (CLIP_SIGMOID, "hardsigmoid"),
        (GELU, "gelu"),
        (GELU_FIRST, "gelu"),
    ],
)
def test_activations(nodes, kind):
    network = traced(nodes, MAP, NUMBERS)
    assert kinds(network) == [kind]
    assert network.nodes[0].inputs == ("x",)


def test_a_gate_that_others_read_too_stays_what_it_is():
    network = traced([*SILU, ("Add", ["y", "s"], ["z"])], MAP, outputs=("z",))
    assert kinds(network) == ["sigmoid", "multiply", "add"]


def test_another_number_is_no_hardswish():
    network = traced(CLIP_SWISH, MAP, {**NUMBERS, "three": F(2)})
    assert kinds(network) == ["rescale", "relu6", "multiply", "rescale"]


def test_a_gate_of_another_tensor_is_a_product():
    nodes = [("Relu", ["x"], ["r"]), ("Sigmoid", ["r"], ["s"]), ("Mul", ["s", "x"], ["y"])]
    assert kinds(traced(nodes, MAP)) == ["relu", "sigmoid", "multiply"]


@pytest.mark.parametrize("shape", [(4, 1, 1), (1, 4, 1, 1)])
def test_a_factor_per_channel_is_scale(shape):
    nodes = [("Mul", ["x", "w"], ["p"]), ("Add", ["p", "b"], ["y"])]
    (node,) = traced(nodes, MAP, {"w": weights(*shape), "b": weights(*shape)}).nodes
    assert (node.kind, node.arguments) == ("scale", {"bias": True})
    (node,) = traced(nodes[:1], MAP, {"w": weights(*shape)}, outputs=("p",)).nodes
    assert (node.kind, node.arguments) == ("scale", {"bias": False})


def test_local_response_normalization():
    nodes = [
        ("Mul", ["x", "x"], ["s"]),
        ("Unsqueeze", ["s", "one"], ["u"]),
        ("Pad", ["u", "pads"], ["p"]),
        ("AveragePool", ["p"], ["a"], {"kernel_shape": [5, 1, 1]}),
        ("Squeeze", ["a", "one"], ["q"]),
        ("Mul", ["q", "alpha"], ["m"]),
        ("Add", ["m", "k"], ["n"]),
        ("Pow", ["n", "beta"], ["w"]),
        ("Div", ["x", "w"], ["y"]),
    ]
    pads = np.array([0, 0, 2, 0, 0, 0, 0, 2, 0, 0])
    numbers = {"one": np.array([1]), "pads": pads, "alpha": F(0.0001), "k": F(2), "beta": F(0.75)}
    (node,) = traced(nodes, MAP, numbers).nodes
    assert node.kind == "lrn"
    assert node.arguments == {"size": 5, "alpha": Fraction(1, 10_000), "beta": Fraction(3, 4), "k": 2}


def test_channels_dealt_out():
    nodes = [
        ("Reshape", ["x", "apart"], ["a"]),
        ("Transpose", ["a"], ["t"], {"perm": [0, 2, 1, 3, 4]}),
        ("Reshape", ["t", "back"], ["y"]),
    ]
    numbers = {"apart": np.array([0, 2, 2, 8, 8]), "back": np.array([0, 4, 8, 8])}
    (node,) = traced(nodes, MAP, numbers).nodes
    assert (node.kind, node.arguments, node.inputs) == ("channel_shuffle", {"groups": 2}, ("x",))


def test_zeros_around_go_into_the_convolution():
    pad = ("Pad", ["x", "pads"], ["p"])
    conv = ("Conv", ["p", "w"], ["y"], {"pads": [1, 1, 1, 1]})
    numbers = {"pads": np.array([0, 0, 0, 1, 0, 0, 2, 3]), "w": weights(6, 4, 3, 3)}
    (node,) = traced([pad, conv], MAP, numbers).nodes
    assert node.arguments["padding"] == [[1, 3], [2, 4]]
    assert node.output == (6, 10, 12)
    reflected = ("Pad", ["x", "pads"], ["p"], {"mode": "reflect"})
    assert kinds(traced([reflected, conv], MAP, numbers)) == ["pad", "conv"]
    read_twice = [pad, conv, ("Relu", ["p"], ["z"])]
    assert kinds(traced(read_twice, MAP, numbers, outputs=("y", "z"))) == ["pad", "conv", "relu"]


def test_slices_of_both_axes_are_a_crop():
    slices = ("Slice", ["x", "starts", "ends", "axes"], ["y"])
    numbers = {"starts": np.array([1, 2]), "ends": np.array([-1, 7]), "axes": np.array([2, 3])}
    (node,) = traced([slices], MAP, numbers).nodes
    assert (node.kind, node.arguments) == ("crop", {"margin": [[1, 1], [2, 1]]})
    assert node.output == (4, 6, 5)


def test_a_branch_that_is_known_is_taken():
    from onnx import TensorProto, helper

    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node(kind, ["x"], [name])],
            name,
            [],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        )
        for name, kind in (("then", "Relu"), ("else", "Tanh"))
    }
    nodes = [
        ("Shape", ["x"], ["s"]),
        ("Gather", ["s", "one"], ["c"]),
        ("Equal", ["c", "four"], ["q"]),
        ("If", ["q"], ["y"], branches),
    ]
    numbers = {"one": np.array(1), "four": np.array(4)}
    assert kinds(traced(nodes, MAP, numbers)) == ["relu"]
    assert kinds(traced(nodes, {"x": ["batch", 5, 8, 8]}, numbers)) == ["tanh"]


def test_a_module_called_twice_counts_once():
    once = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    nodes = [
        ("Conv", ["x", "w", "b"], ["u"], once),
        ("Identity", ["b"], ["equal"]),
        ("Conv", ["u", "w", "b"], ["v"], {**once, "dilations": [2, 2], "pads": [2, 2, 2, 2]}),
        ("Conv", ["v", "w", "equal"], ["t"], once),
        ("Conv", ["t", "other", "b"], ["y"], once),
    ]
    network = traced(nodes, MAP, {"w": weights(4, 4, 3, 3), "other": weights(4, 4, 3, 3), "b": weights(4)})
    first = network.nodes[0].name
    assert [node.shares for node in network.nodes] == [None, first, None, None]
    assert parse(spec_text(network)).analyze().params == 2 * (4 * 4 * 9 + 4) + 4


def test_a_kernel_in_common_and_two_biases_are_counted_once():
    """No spec can say that, and the PyTorch importer does alike: the second weighs its own bias, and is unknown."""
    nodes = [("Conv", ["x", "w", "b1"], ["a"]), ("Relu", ["a"], ["r"]), ("Conv", ["r", "w", "b2"], ["y"])]
    network = traced(nodes, MAP, {"w": weights(4, 4, 1, 1), "b1": weights(4), "b2": weights(4)})
    assert kinds(network) == ["conv", "relu", "unknown"]
    assert network.nodes[-1].arguments["params"] == 4
    assert parse(spec_text(network)).analyze().params == 24
    assert "it shares part of its weights with another layer" in network.warnings[0]


@pytest.mark.parametrize(("names", "params"), [(("/n/Norm", "/m/Norm"), 16), (("/n/Norm", "/n/Norm_1"), 8)])
def test_vectors_that_are_equal_are_those_of_one_module_only_where_it_says_so(names, params):
    """Exporters merge the ones and zeros of fresh normalizations."""
    norm = ("LayerNormalization", ["x", "w", "b"], ["a"]), ("LayerNormalization", ["a", "w", "b"], ["y"])
    nodes = [(*node, {"axis": -1, "name": name}) for node, name in zip(norm, names, strict=True)]
    network = traced(nodes, {"x": ["batch", 6, 4]}, {"w": weights(4), "b": weights(4)})
    assert parse(spec_text(network)).analyze().params == params


def test_a_factor_per_channel_that_is_handed_on():
    nodes = [("Identity", ["w"], ["v"]), ("Mul", ["x", "v"], ["y"])]
    assert kinds(traced(nodes, MAP, {"w": weights(4, 1, 1)})) == ["scale"]


def test_a_bias_in_common_is_two():
    nodes = [("Conv", ["x", "w", "b"], ["a"]), ("Conv", ["a", "v", "b"], ["y"])]
    network = traced(nodes, MAP, {"w": weights(4, 4, 1, 1), "v": weights(4, 4, 1, 1), "b": weights(4)})
    assert kinds(network) == ["conv", "conv"]
    assert parse(spec_text(network)).analyze().params == 40


def test_sizes_and_axes_are_not_learnt():
    nodes = [("ReduceMin", ["x", "axes"], ["y"])]
    (node,) = traced(nodes, {"x": [1, 4, 8, 8]}, {"axes": np.array([2, 3])}).nodes
    assert (node.kind, node.arguments["params"]) == ("unknown", 0)


@pytest.mark.parametrize("channels", [4, 100])
@pytest.mark.parametrize(
    ("names", "values", "affine"),
    [
        (("n.weight", "n.bias"), (1, 0), True),
        (("val_8", "val_11"), (1, 0), False),
        (("val_8", "val_11"), (1, 2), True),
    ],
)
def test_ones_and_zeros_that_an_exporter_spells_out_are_no_weights(names, values, affine, channels):
    numbers = {name: np.full(channels, value, F) for name, value in zip(names, values, strict=True)}
    nodes = [("InstanceNormalization", ["x", *names], ["y"])]
    network = traced(nodes, {"x": ["batch", channels, 8, 8]}, numbers)
    assert network.nodes[0].arguments["affine"] is affine
    assert parse(spec_text(network)).analyze().params == 2 * channels * affine
