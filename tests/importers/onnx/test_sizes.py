"""Sizes: those that a user gives reach shape inference, arithmetic keeps shapes, every name of a dimension is read."""

import numpy as np
import pytest

from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse
from cnncalc.symbolic import render

from .models import kinds, model, traced, weights

GRID = [
    ("Conv", ["x", "w"], ["c"]),
    ("Shape", ["c"], ["s"]),
    ("Slice", ["s", "two", "four"], ["hw"]),
    ("Concat", ["ones", "hw"], ["sizes"], {"axis": 0}),
    ("ConstantOfShape", ["sizes"], ["grid"]),
    ("Add", ["c", "grid"], ["y"]),
]
NUMBERS = {"w": weights(3, 3, 1, 1), "two": np.array([2]), "four": np.array([4]), "ones": np.array([1, 1])}


@pytest.mark.parametrize("sizes", [(64, 64), (65, 64), (320, 320), ("H", "W")])
@pytest.mark.parametrize("own", [(32, 32), ("H", "W")])
def test_a_grid_of_any_size(own, sizes):
    """The grid of a detector has more numbers than are followed: its shape stays known."""
    network = trace(model(GRID, {"x": ["N", 3, *own]}, NUMBERS), given=(3, *sizes))
    assert kinds(network) == ["conv", "constant"]
    assert [str(size) for size in network.nodes[-1].output] == [str(size) for size in (3, *sizes)]
    assert network.nodes[-1].weights == {}
    assert parse(spec_text(network)).analyze(input=(3, *sizes)).totals.params == 9


def test_given_sizes_reach_the_inference():
    """What the file says of its own size does not hold at another; ONNX's inference is asked again."""
    nodes = [("Conv", ["x", "w"], ["c"]), ("Einsum", ["c"], ["y"], {"equation": "nchw->nchw"})]
    held = {"w": weights(3, 3, 1, 1)}
    made = model(nodes, {"x": [1, 3, 32, 32]}, held, shapes={"y": [1, 3, 32, 32]})
    assert trace(made).nodes[-1].output == (3, 32, 32)
    assert trace(made, given=(3, 40, 48)).nodes[-1].output == (3, 40, 48)


def test_symbols_come_back_from_the_inference():
    nodes = [("Einsum", ["x"], ["y"], {"equation": "nchw->nchw"})]
    (node,) = traced(nodes, {"x": ["N", 3, "h", "w"]}).nodes
    assert " ".join(map(render, node.output)) == "3 H W"


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        (["N", 3, "M1", "M2"], "3xM1xM2"),
        (["N", 3, "H1", "W1"], "3xH1xW1"),
        (["N", 3, "height", "width"], "3xHxW"),
        (["N", 3, "S", "S"], "3xSxS"),
    ],
)
def test_names_of_dimensions(dims, expected):
    text = spec_text(traced([("Conv", ["x", "w"], ["y"])], {"x": dims}, {"w": weights(2, 3, 3, 3)}))
    assert f"input: {expected}\n" in text
    assert parse(text).analyze().params == 54


def test_two_inputs_with_names_of_their_own():
    nodes = [("Conv", ["a", "w"], ["y"]), ("Conv", ["b", "w"], ["z"])]
    inputs = {"a": ["N", 3, "h_a", "w_a"], "b": ["N", 3, "h_b", "w_b"]}
    made = model(nodes, inputs, {"w": weights(2, 3, 3, 3)}, outputs=("y", "z"))
    text = spec_text(trace(made))
    assert "a: 3xHxW" in text
    assert "b: 3xH1xW1" in text
    assert parse(text).analyze().params == 54


def test_attention_with_a_free_batch():
    """The queries of (N, 10, 8): cut from an axis that stands before the batch, they are (N, 2, 10, 4)."""
    nodes = [
        ("MatMul", ["x", "w"], ["qkv"]),
        ("Reshape", ["qkv", "parts"], ["r"]),
        ("Transpose", ["r"], ["t"], {"perm": [2, 0, 3, 1, 4]}),
        ("Slice", ["t", "none", "one", "none"], ["s"]),
        ("Squeeze", ["s", "none"], ["q"]),
        ("Softmax", ["q"], ["y"], {"axis": -1}),
    ]
    held = {"w": weights(8, 24), "parts": np.array([0, -1, 3, 2, 4]), "none": np.array([0]), "one": np.array([1])}
    network = traced(nodes, {"x": ["N", 10, 8]}, held)
    assert network.nodes[-1].output == (2, 10, 4)
    assert network.nodes[-1].kind == "softmax"
    parts = [("Split", ["t"], ["q", "k", "v"], {"axis": 0, "num_outputs": 3}), ("Squeeze", ["q", "none"], ["y"])]
    assert traced([*nodes[:3], *parts], {"x": ["N", 10, 8]}, held).nodes[-1].output == (2, 10, 4)


@pytest.mark.parametrize("slope", [0.2, 0.1, 1 / 6])
def test_hardsigmoid_of_any_slope(slope):
    network = traced([("HardSigmoid", ["x"], ["y"], {"alpha": slope, "beta": 0.5})], {"x": [1, 3, 8, 8]})
    assert kinds(network) == (["hardsigmoid"] if slope == 1 / 6 else ["rescale", "hardtanh"])


@pytest.mark.parametrize(("auto", "out"), [("SAME_UPPER", 14), ("SAME_LOWER", 14), ("VALID", 14)])
def test_same_goes_without_the_rows_that_no_window_writes(auto, out):
    """5×5, kernel 2, stride 3: onnxruntime and ONNX's own inference make 14, not 15."""
    node = ("ConvTranspose", ["x", "w"], ["y"], {"auto_pad": auto, "strides": [3, 3]})
    assert traced([node], {"x": [1, 2, 5, 5]}, {"w": weights(2, 4, 2, 2)}).nodes[0].output == (4, out, out)
