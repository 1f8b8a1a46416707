"""Normalizations written out, operator by operator, as exporters before opset 17 write them, against the operators."""

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import kinds, traced, weights

TOKENS = {"x": ["N", 6, 8]}
CENTRED = [
    ("ReduceMean", ["x", "last"], ["m"]),
    ("Sub", ["x", "m"], ["c"]),
    ("Pow", ["c", "two"], ["p"]),
    ("ReduceMean", ["p", "last"], ["v"]),
    ("Add", ["v", "eps"], ["e"]),
    ("Sqrt", ["e"], ["s"]),
    ("Div", ["c", "s"], ["n"]),
]
SQUARES = [
    ("Mul", ["x", "x"], ["p"]),
    ("ReduceMean", ["p", "last"], ["v"]),
    ("Add", ["v", "eps"], ["e"]),
    ("Sqrt", ["e"], ["s"]),
    ("Reciprocal", ["s"], ["r"]),
    ("Mul", ["x", "r"], ["n"]),
]
NUMBERS = {
    "last": np.array([-1]),
    "two": np.array(2, dtype=np.float32),
    "eps": np.array(1e-6, dtype=np.float32),
}
AFFINE = [("Mul", ["n", "w"], ["f"]), ("Add", ["f", "b"], ["y"])]
OWN = {"w": weights(8), "b": weights(8)}


def only(network):
    (node,) = network.nodes
    return node.kind, float(node.arguments["eps"]), node.weights, node.arguments.get("elementwise_affine", True)


@pytest.mark.parametrize("shape", [["N", 6, 8], [1, 6, 8], ["N", "L", 8]])
def test_a_layer_norm(shape):
    written = traced([*CENTRED, *AFFINE], {"x": shape}, {**NUMBERS, **OWN})
    assert only(written) == ("layernorm", 1e-6, {"weight": (8,), "bias": (8,)}, True)
    operator = [("LayerNormalization", ["x", "w", "b"], ["y"], {"epsilon": 1e-6})]
    assert only(traced(operator, {"x": shape}, OWN)) == only(written)
    spec_text(written)


def test_a_layer_norm_without_a_bias_or_without_factors():
    factors = [*CENTRED, ("Mul", ["w", "n"], ["y"])]
    assert only(traced(factors, TOKENS, {**NUMBERS, **OWN})) == ("layernorm", 1e-6, {"weight": (8,)}, True)
    bare = [*CENTRED[:-1], ("Div", ["c", "s"], ["y"])]
    assert only(traced(bare, TOKENS, NUMBERS)) == ("layernorm", 1e-6, {}, False)


def test_an_rms_norm():
    nodes = [*SQUARES, ("Mul", ["w", "n"], ["y"])]
    assert only(traced(nodes, TOKENS, {**NUMBERS, **OWN})) == ("rmsnorm", 1e-6, {"weight": (8,)}, True)
    inverse = [each if each[0] != "Reciprocal" else ("Div", ["one", "s"], ["r"]) for each in nodes]
    numbers = {**NUMBERS, **OWN, "one": np.array(1, dtype=np.float32)}
    assert only(traced(inverse, TOKENS, numbers)) == ("rmsnorm", 1e-6, {"weight": (8,)}, True)


def test_a_norm_over_the_channels_of_a_map():
    numbers = {**NUMBERS, "last": np.array([1]), "w": weights(8, 1, 1), "b": weights(8, 1, 1)}
    network = traced([*CENTRED, *AFFINE], {"x": ["N", 8, 4, 4]}, numbers)
    (node,) = network.nodes
    assert (node.kind, node.arguments["axis"], node.weights["weight"]) == ("layernorm", "channels", (8,))


@pytest.mark.parametrize(
    "other",
    [("ReduceMean", ["p", "last"], ["v"], {"keepdims": 0}), ("Pow", ["c", "eps"], ["p"])],
    ids=["axes", "power"],
)
def test_what_only_looks_like_one_is_none(other):
    nodes = [other if each[2] == other[2] else each for each in CENTRED]
    assert "layernorm" not in kinds(traced([*nodes, *AFFINE], {"x": [1, 8, 8]}, {**NUMBERS, **OWN}))


GRN = [
    ("ReduceL2", ["x", "rows"], ["l"]),
    ("ReduceMean", ["l", "one"], ["m"]),
    ("Add", ["m", "eps"], ["e"]),
    ("Div", ["l", "e"], ["n"]),
    ("Mul", ["x", "n"], ["p"]),
    ("Mul", ["w", "p"], ["f"]),
    ("Add", ["b", "f"], ["g"]),
    ("Add", ["x", "g"], ["y"]),
]


@pytest.mark.parametrize("size", [4, "H"])
def test_a_global_response_norm(size):
    numbers = {**NUMBERS, "rows": np.array([2, 3]), "one": np.array([1]), "w": weights(8, 1, 1), "b": weights(8, 1, 1)}
    network = traced(GRN, {"x": ["N", 8, size, size]}, numbers)
    (node,) = network.nodes
    assert (node.kind, float(node.arguments["eps"])) == ("grn", 1e-6)
    assert parse(spec_text(network)).analyze().params == 16
