"""Inputs that are no feature maps: single numbers, vectors, and states whose batch is not the first axis."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from cnncalc.importers.onnx.trace import trace

from .models import kinds, traced, weights

LSTM = {"w": weights(1, 64, 8), "r": weights(1, 64, 16)}


def recurrent(x, state, **more):
    nodes = [
        ("Unsqueeze", ["x", "front"], ["steps"]),
        ("LSTM", ["steps", "w", "r", "", "", "h", "c"], ["", "last", ""]),
        ("Squeeze", ["last", "front"], ["y"]),
    ]
    return traced(nodes, {"x": x, "h": state, "c": state, **more}, {**LSTM, "front": np.array([0])})


def test_states_lose_their_batch_wherever_it_stands():
    for x, state, sample in (
        (["N", 8], [1, "N", 16], (1, 16)),
        (["N", 8], [1, 1, 16], (1, 16)),
        (["", 8], [2, "", 16], (2, 16)),
        ([1, 8], [2, 1, 16], (2, 16)),
        (["N", 8], [2, 1, 16], (2, 16)),
    ):
        network = recurrent(x, state)
        assert dict(network.inputs) == {"x": (8,), "h": sample, "c": sample}


def test_the_weights_of_an_lstm_count_where_its_sequence_is_not_read():
    network = recurrent(["N", 8], [1, "N", 16])
    assert sum(node.arguments.get("params", 0) for node in network.nodes) == 64 * 8 + 64 * 16


def model(nodes, inputs, outputs):
    declared = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_model(helper.make_graph(nodes, "g", declared, made), opset_imports=[helper.make_opsetid("", 17)])


def branch(factor, name):
    value = helper.make_tensor(f"{name}w", TensorProto.FLOAT, [factor, 3, 1, 1], [0.5] * 3 * factor)
    conv = helper.make_node("Conv", ["x", f"{name}w"], [f"{name}y"])
    out = helper.make_tensor_value_info(f"{name}y", TensorProto.FLOAT, None)
    return helper.make_graph([conv], name, [], [out], [value])


def test_a_number_that_only_chooses_a_branch_is_left_out():
    """A sampling rate: the then-branch stands in the spec, and a note says so."""
    rate = helper.make_tensor("rate", TensorProto.INT64, [], [16000])
    nodes = [
        helper.make_node("Constant", [], ["wanted"], value=rate),
        helper.make_node("Equal", ["sr", "wanted"], ["same"]),
        helper.make_node("If", ["same"], ["y"], then_branch=branch(4, "a"), else_branch=branch(6, "b")),
    ]
    inputs = [("x", TensorProto.FLOAT, ["N", 3, 8, 8]), ("sr", TensorProto.INT64, [])]
    network = trace(model(nodes, inputs, ["y"]))
    assert dict(network.inputs) == {"x": (3, 8, 8)}
    assert kinds(network) == ["conv"]
    assert network.nodes[0].output == (4, 8, 8)
    assert "its input 'sr' is left out: no layer reads it" in network.warnings
    assert any("then-branch is taken where the condition of an If is not known" in each for each in network.warnings)


def test_a_number_that_is_read_is_one_per_sample():
    nodes = [helper.make_node("Mul", ["x", "gain"], ["y"])]
    inputs = [("x", TensorProto.FLOAT, ["N", 3, 8, 8]), ("gain", TensorProto.FLOAT, [])]
    network = trace(model(nodes, inputs, ["y"]))
    assert dict(network.inputs) == {"x": (3, 8, 8), "gain": (1,)}
    assert network.nodes[0].output == (3, 8, 8)


def test_vectors_have_no_batch():
    network = traced([("Relu", ["x"], ["y"])], {"x": [512]})
    assert dict(network.inputs) == {"x": (512,)}
    assert network.nodes[0].output == (512,)


def test_numbers_of_a_batch_reach_no_size():
    """A grid of as many places as the map has, beside a batch of any size."""
    nodes = [
        ("Shape", ["x"], ["sizes"]),
        ("Gather", ["sizes", "two"], ["h"], {"axis": 0}),
        ("Cast", ["h"], ["high"], {"to": 1}),
        ("Range", ["zero", "high", "one"], ["places"]),
        ("Add", ["x", "places"], ["y"]),
    ]
    constants = {"two": np.array(2), "zero": np.array(0.0, np.float32), "one": np.array(1.0, np.float32)}
    network = traced(nodes, {"x": ["N", 3, "H", "H"]}, constants)
    assert [str(size) for size in network.nodes[-1].output] == ["3", "H", "H"]


def test_an_unknown_condition_of_symbols_takes_the_then_branch():
    """Is the last axis 1? It depends on H: not a no."""
    one = helper.make_tensor("one", TensorProto.INT64, [], [1])
    at = helper.make_tensor("at", TensorProto.INT64, [], [2])
    nodes = [
        helper.make_node("Constant", [], ["one"], value=one),
        helper.make_node("Constant", [], ["at"], value=at),
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "at"], ["h"], axis=0),
        helper.make_node("Equal", ["h", "one"], ["same"]),
        helper.make_node("If", ["same"], ["y"], then_branch=branch(4, "a"), else_branch=branch(6, "b")),
    ]
    for height, channels in (("H", 4), (1, 4), (7, 6)):
        network = trace(model(nodes, [("x", TensorProto.FLOAT, ["N", 3, height, 8])], ["y"]))
        assert network.nodes[-1].output[0] == channels


def test_quantized_operators_are_the_layers_that_they_approximate():
    nodes = [
        ("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        ("ConvInteger", ["q", "w", "zero"], ["c"]),
        ("Cast", ["c"], ["y"], {"to": 1}),
    ]
    network = traced(nodes, {"x": ["N", 3, 8, 8]}, {"w": np.zeros((5, 3, 3, 3), np.int8)})
    assert kinds(network) == ["conv"]
    assert network.nodes[0].output == (5, 6, 6)
    assert network.nodes[0].arguments["bias"] is False


def test_layers_behind_a_moved_batch_keep_their_shapes():
    """[1, L, 6] squeezed to [L, 6]: the product is unknown, and its shape and weights are not."""
    nodes = [("Squeeze", ["x", "front"], ["l"]), ("Gemm", ["l", "w", "b"], ["y"], {"transB": 1})]
    constants = {"front": np.array([0]), "w": weights(5, 6), "b": weights(5)}
    network = traced(nodes, {"x": [1, "L", 6]}, constants)
    assert network.nodes[-1].kind == "unknown"
    assert [str(size) for size in network.nodes[-1].output] == ["L", "5"]
    assert network.nodes[-1].arguments["params"] == 35


def test_a_batch_of_minus_one_is_any():
    network = traced([("Relu", ["x"], ["y"])], {"x": [-1, 3, 8, 8]})
    assert dict(network.inputs) == {"x": (3, 8, 8)}
