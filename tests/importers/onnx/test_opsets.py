"""The same operator as older opsets write it: what moved from attributes to inputs, and what changed its meaning."""

from fractions import Fraction

import numpy as np
import pytest

from .models import kinds, traced, weights

MAP = {"x": ["batch", 4, 8, 8]}
I = np.array  # noqa: E741


def only(nodes, constants=None, opset=18, inputs=MAP):
    (node,) = traced(nodes, inputs, constants, opset=opset).nodes
    return node.kind, dict(node.arguments), node.output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            (7, ("Dropout", ["x"], ["y"], {"ratio": 0.25}), {}),
            (13, ("Dropout", ["x", "p"], ["y"]), {"p": np.float32(0.25)}),
        ),
        (
            (7, ("Clip", ["x"], ["y"], {"min": 0.0, "max": 6.0}), {}),
            (13, ("Clip", ["x", "low", "high"], ["y"]), {"low": np.float32(0), "high": np.float32(6)}),
        ),
        (
            (7, ("Pad", ["x"], ["y"], {"pads": [0, 0, 1, 2, 0, 0, 3, 4]}), {}),
            (13, ("Pad", ["x", "pads"], ["y"]), {"pads": I([0, 0, 1, 2, 0, 0, 3, 4])}),
        ),
        (
            (7, ("Slice", ["x"], ["y"], {"starts": [1], "ends": [3], "axes": [1]}), {}),
            (13, ("Slice", ["x", "s", "e", "a"], ["y"]), {"s": I([1]), "e": I([3]), "a": I([1])}),
        ),
        (
            (7, ("ReduceMean", ["x"], ["y"], {"axes": [2, 3]}), {}),
            (18, ("ReduceMean", ["x", "a"], ["y"]), {"a": I([2, 3])}),
        ),
        (
            (7, ("Upsample", ["x"], ["y"], {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "nearest"}), {}),
            (9, ("Upsample", ["x", "s"], ["y"]), {"s": I([1, 1, 2, 2], dtype=np.float32)}),
        ),
        (
            (9, ("Upsample", ["x", "s"], ["y"]), {"s": I([1, 1, 2, 2], dtype=np.float32)}),
            (
                13,
                (
                    "Resize",
                    ["x", "", "s"],
                    ["y"],
                    {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
                ),
                {"s": I([1, 1, 2, 2], dtype=np.float32)},
            ),
        ),
        (
            (7, ("Reshape", ["x", "s"], ["y"]), {"s": I([0, -1])}),
            (13, ("Flatten", ["x"], ["y"]), {}),
        ),
    ],
)
def test_old_and_new_are_one(old, new):
    (older, old_node, old_constants), (newer, new_node, new_constants) = old, new
    assert only([old_node], old_constants, older) == only([new_node], new_constants, newer)


def test_split_by_attribute_and_by_input():
    old = traced([("Split", ["x"], ["a", "b"], {"axis": 1, "split": [1, 3]})], MAP, outputs=("a", "b"), opset=7)
    new = traced([("Split", ["x", "s"], ["a", "b"], {"axis": 1})], MAP, {"s": I([1, 3])}, ("a", "b"), 13)
    assert [node.output for node in old.nodes] == [node.output for node in new.nodes] == [(1, 8, 8), (3, 8, 8)]


def test_softmax_before_opset_13_lays_out_all_behind_its_axis():
    assert only([("Softmax", ["x"], ["y"])], opset=13)[1] == {"dim": 3}
    assert kinds(traced([("Softmax", ["x"], ["y"])], MAP, opset=11)) == ["unknown"]
    assert only([("Softmax", ["x"], ["y"])], opset=11, inputs={"x": ["batch", 5]})[1] == {"dim": 1}


def test_batchnorm_of_opset_7_and_15():
    constants = {name: weights(4) for name in ("s", "b", "m", "v")}
    node = ("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], {"epsilon": 0.001, "momentum": 0.99})
    found = only([node], constants, 7)
    assert found == only([node], constants, 15)
    assert found[1] == {"eps": Fraction(1, 1000), "momentum": Fraction(1, 100)}


def test_squeeze_by_attribute_and_by_input():
    inputs = {"x": ["batch", 4, 1, 1]}
    old = only([("Squeeze", ["x"], ["y"], {"axes": [2, 3]})], opset=11, inputs=inputs)
    assert old == only([("Squeeze", ["x", "a"], ["y"])], {"a": I([2, 3])}, 13, inputs)
    assert old[2] == (4,)


def test_constants_in_the_inputs_of_the_graph():
    """Before IR version 4 every initializer stands among the graph's inputs too."""
    from onnx import TensorProto, helper

    from cnncalc.importers.onnx.trace import trace

    from .models import model

    made = model([("Conv", ["x", "w"], ["y"])], MAP, {"w": weights(6, 4, 3, 3)}, opset=8)
    made.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [6, 4, 3, 3]))
    network = trace(made)
    assert list(network.inputs) == ["x"]
    assert network.nodes[0].kind == "conv"
