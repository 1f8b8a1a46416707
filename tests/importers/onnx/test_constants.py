"""Weights that stand in `Constant` nodes, as Paddle2ONNX writes all of them: the same layers as with initializers."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, model, traced, weights

RANDOM = np.random.default_rng(0)


def numbers(*shape):
    return RANDOM.random(shape, dtype=np.float32)


LAYERS = {
    "Conv": (("Conv", ["x", "w"], ["y"], {"pads": [1] * 4}), [3, 32, 32], {"w": (8, 3, 3, 3)}, 216),
    "ConvTranspose": (("ConvTranspose", ["x", "w", "b"], ["y"]), [3, 8, 8], {"w": (3, 4, 2, 2), "b": (4,)}, 52),
    "MatMul": (("MatMul", ["x", "w"], ["y"]), [100], {"w": (100, 10)}, 1000),
    "Gemm": (("Gemm", ["x", "w", "b"], ["y"]), [16], {"w": (16, 5), "b": (5,)}, 85),
    "BatchNormalization": (
        ("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"]), [70, 4, 4], dict.fromkeys("sbmv", (70,)), 140,
    ),
    "PRelu": (("PRelu", ["x", "s"], ["y"]), [70, 4, 4], {"s": (70, 1, 1)}, 70),
    "scale": (("Mul", ["x", "s"], ["y"]), [70, 4, 4], {"s": (1, 70, 1, 1)}, 70),
    "Add": (("Add", ["x", "b"], ["y"]), [3, 40, 40], {"b": (3, 40, 40)}, 4800),
    "Add of few": (("Add", ["x", "b"], ["y"]), [2, 2], {"b": (2, 2)}, 4),
}  # fmt: skip


def as_constants(node, input_size, shapes):
    """A model whose weights stand in `Constant` nodes."""
    constants = [
        ("Constant", [], [name], {"value": numpy_helper.from_array(numbers(*shape))}) for name, shape in shapes.items()
    ]
    return model([*constants, node], {"x": [1, *input_size]})


@pytest.mark.parametrize("name", LAYERS)
def test_a_constant_is_a_weight(name):
    node, size, shapes, params = LAYERS[name]
    constant = trace(as_constants(node, size, shapes))
    held = traced([node], {"x": [1, *size]}, {each: numbers(*shape) for each, shape in shapes.items()})
    assert constant.nodes == held.nodes
    assert parse(spec_text(constant)).analyze().params == params


@pytest.mark.parametrize("batch", [1, "N"])
@pytest.mark.parametrize("size", [64, 65, "W"])
def test_a_constant_convolves_at_any_size(batch, size):
    node, _, shapes, params = LAYERS["Conv"]
    assert parse(spec_text(trace(as_constants(node, [3, 64, size], shapes)))).analyze().params == params
    if batch == "N":
        made = as_constants(node, [3, 64, size], shapes)
        made.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
        assert parse(spec_text(trace(made))).analyze().params == params


@pytest.mark.parametrize("kind", ["RandomNormal", "RandomUniform"])
@pytest.mark.parametrize("size", [8, 80])
def test_noise_is_not_learnt(kind, size):
    nodes = [(kind, [], ["noise"], {"shape": [1, 3, size, size]}), ("Add", ["x", "noise"], ["y"])]
    (node,) = traced(nodes, {"x": [1, 3, size, size]}).nodes
    assert (node.kind, node.weights, node.output) == ("constant", {}, (3, size, size))


@pytest.mark.parametrize("count", [4096, 4097, 100_000])
def test_computed_numbers_are_not_learnt_however_many(count):
    ends = {"a": np.float32(0), "b": np.float32(count), "c": np.float32(1)}
    (node,) = traced(
        [("Range", ["a", "b", "c"], ["r"]), ("Add", ["x", "r"], ["y"])], {"x": [1, 3, 8, count]}, ends
    ).nodes
    assert (node.kind, node.weights, node.output) == ("constant", {}, (3, 8, count))


def test_a_single_number_in_a_constant_is_not_learnt():
    half = helper.make_tensor("value", TensorProto.FLOAT, [1], [0.5])
    assert kinds(
        traced([("Constant", [], ["h"], {"value": half}), ("Mul", ["x", "h"], ["y"])], {"x": [1, 3, 8, 8]})
    ) == ["rescale"]


@pytest.mark.parametrize(("kind", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("state", [0.0, 0.5])
def test_zero_states_are_not_parameters(kind, gates, state):
    """A bidirectional LSTM 64 → 128 has 198,656 parameters."""
    held = {
        "w": numbers(2, gates * 128, 64),
        "r": numbers(2, gates * 128, 128),
        "b": numbers(2, gates * 256),
        "h": np.full((2, 1, 128), state, dtype=np.float32),
    }
    node = (kind, ["x", "w", "r", "b", "", "h"], ["y"], {"hidden_size": 128, "direction": "bidirectional"})
    (made,) = traced([node], {"x": [10, 1, 64]}, held).nodes
    expected = 2 * gates * (128 * 64 + 128 * 128 + 256)
    assert made.arguments["params"] == expected + (256 if state else 0)
    assert kind != "LSTM" or expected == 198_656


def test_weights_of_few_elements_are_still_weights():
    assert traced([("Mul", ["x", "s"], ["y"])], {"x": [1, 4, 2, 2]}, {"s": weights(4, 1, 1)}).nodes[0].kind == "scale"
