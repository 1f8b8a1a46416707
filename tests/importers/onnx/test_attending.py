"""Attention: the operator of opset 23, ONNX Runtime's own, and what exporters write for it, operator by operator."""

import numpy as np
import pytest

from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

from .models import traced, weights


@pytest.mark.parametrize("batch", [1, "N"])
@pytest.mark.parametrize(("heads", "groups"), [(4, 4), (4, 2), (4, 1)])
def test_attention_on_channels(heads, groups, batch):
    fields = {"q_num_heads": heads, "kv_num_heads": groups}
    sizes = {"q": [batch, 10, 24], "k": [batch, 7, 6 * groups], "v": [batch, 7, 5 * groups]}
    network = traced([("Attention", ["q", "k", "v"], ["y"], fields)], sizes, opset=23)
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": heads, **({"num_kv_heads": groups} if groups != heads else {})}
    report = parse(spec_text(network)).analyze()
    assert report.macs == heads * 10 * 7 * (6 + 5)
    assert list(report.outputs.values()) == [(10, 5 * heads)]
    assert not network.warnings


@pytest.mark.parametrize("causal", [0, 1])
def test_attention_on_heads(causal):
    sizes = {name: [1, 3, 10, 8] for name in "qkv"}
    network = traced([("Attention", ["q", "k", "v"], ["y"], {"is_causal": causal})], sizes, opset=23)
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": 3, **({"is_causal": True} if causal else {})}
    assert network.nodes[-1].output == (3, 10, 8)


def test_what_no_field_says_is_unknown():
    network = traced(
        [("Attention", ["q", "k", "v"], ["y"], {"softcap": 2.0})], {name: [1, 3, 10, 8] for name in "qkv"}, opset=23
    )
    assert network.nodes[-1].kind == "unknown"
    assert network.nodes[-1].output == (3, 10, 8)


def spelt_out(heads, added=(), sizes=("N", 24, 4, 4), groups=(), normed=""):
    """What exporters write of an attention of 8 channels for each of queries, keys and values, on a map.

    `added`: operators that make `bias`, which is added to the scores; `groups`: those that cut `rows` into windows.
    `normed`: which of queries and keys are divided by their lengths.
    """
    split = [("Split", ["cut" if groups else "rows", "thirds"], ["q", "k", "v"], {"axis": 2})]
    apart = [("Reshape", [each, "heads"], [f"{each}{0 if each in normed else 1}"]) for each in "qkv"]
    for each in normed:
        apart += [("ReduceL2", [f"{each}0", "end"], [f"{each}l"]), ("Clip", [f"{each}l", "least"], [f"{each}c"])]
        apart += [("Div", [f"{each}0", f"{each}c"], [f"{each}1"])]
    turned = [("Transpose", [f"{each}1"], [f"{each}2"], {"perm": [0, 2, 1, 3]}) for each in "qkv"]
    keys = [("Reshape", ["k2", "one"], ["k3"]), ("Transpose", ["k3"], ["k4"], {"perm": [0, 2, 1]})]
    keys += [("Reshape", ["k4", "all"], ["k5"]), ("Mul", ["k5", "root"], ["k6"]), ("Mul", ["q2", "root"], ["q3"])]
    scores = [*added, ("MatMul", ["q3", "k6"], ["s"]), *([("Add", ["s", "bias"], ["t"])] if added else [])]
    product = [("Softmax", ["t" if added else "s"], ["p"], {"axis": -1}), ("MatMul", ["p", "v2"], ["o"])]
    back = [("Transpose", ["o"], ["o1"], {"perm": [0, 2, 1, 3]}), ("Reshape", ["o1", "joined"], ["y"])]
    nodes = [("Reshape", ["x", "flat"], ["f"]), ("Transpose", ["f"], ["rows"], {"perm": [0, 2, 1]}), *groups]
    positions = 4 if groups else 16
    constants = {
        "flat": np.array([-1, 24, 16]),
        "thirds": np.array([8, 8, 8]),
        "heads": np.array([-1, positions, heads, 8 // heads]),
        "one": np.array([-1, positions, 8 // heads]),
        "all": np.array([-1, heads, 8 // heads, positions]),
        "least": np.float32(1e-12),
        "root": np.float32((8 // heads) ** -0.25),
        "joined": np.array([-1, positions, 8]),
        "apart": np.array([-1, 2, 2, 2, 2, 24]),
        "window": np.array([-1, 4, 24]),
        "end": np.array([-1]),
        "front": np.array([0]),
    }
    return nodes + split + apart + turned + keys + scores + product + back, {"x": list(sizes)}, constants


LOOKED_UP = [
    ("Unsqueeze", ["index", "end"], ["places"]),
    ("GatherND", ["bias_table", "places"], ["looked"]),
    ("Transpose", ["looked"], ["turned"], {"perm": [2, 0, 1]}),
    ("Unsqueeze", ["turned", "front"], ["bias"]),
]
WINDOWS = [
    ("Reshape", ["rows", "apart"], ["a"]),
    ("Transpose", ["a"], ["b"], {"perm": [0, 1, 3, 2, 4, 5]}),
    ("Reshape", ["b", "window"], ["cut"]),
]


def table(rows, width, positions):
    """A table of biases, of different numbers, and the row of every pair of positions."""
    numbers = np.linspace(0, 1, rows * width, dtype=np.float32).reshape(rows, width)
    return {"bias_table": numbers, "index": np.arange(positions * positions).reshape(positions, positions) % rows}


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize(("word", "rows"), [("offset", 49), ("distance", 16)])
def test_biases_that_are_looked_up_in_a_table(heads, word, rows):
    nodes, inputs, constants = spelt_out(heads, LOOKED_UP)
    network = traced(nodes, inputs, {**constants, **table(rows, heads, 16)})
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": heads, "relative_bias": word}
    assert not network.warnings
    assert parse(spec_text(network)).analyze().params == rows * heads


@pytest.mark.parametrize("heads", [1, 2])
def test_biases_within_windows(heads):
    nodes, inputs, constants = spelt_out(heads, LOOKED_UP, groups=WINDOWS)
    network = traced(nodes, inputs, {**constants, **table(9, heads, 4)})
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": heads, "window": [2, 2], "relative_bias": "offset"}
    assert parse(spec_text(network)).analyze().params == 9 * heads


@pytest.mark.parametrize("groups", [(), WINDOWS])
def test_queries_and_keys_divided_by_their_lengths(groups):
    nodes, inputs, constants = spelt_out(2, groups=groups, normed="qk")
    network = traced(nodes, inputs, constants)
    (node,) = [each for each in network.nodes if each.kind == "attention"]
    assert node.arguments == {"num_heads": 2, "qk_norm": "l2", **({"window": [2, 2]} if groups else {})}
    assert not any("unknown" in warning for warning in network.warnings)


def test_a_bias_of_another_size_is_a_table_by_itself():
    """37 rows are neither one for every offset nor one for every distance: only the stored table counts."""
    nodes, inputs, constants = spelt_out(2, LOOKED_UP, groups=WINDOWS)
    network = traced(nodes, inputs, {**constants, **table(37, 2, 4)})
    assert not network.warnings
    assert parse(spec_text(network)).analyze().params == 37 * 2


def test_stored_tensors_repeated_for_every_image_go_through_layers():
    """As the first queries of a decoder do."""
    nodes = [
        ("Shape", ["x"], ["n"], {"start": 0, "end": 1}),
        ("Concat", ["n", "sizes"], ["shape"], {"axis": 0}),
        ("Expand", ["asked", "shape"], ["e"]),
        ("MatMul", ["e", "w"], ["p"]),
        ("Softmax", ["p"], ["s"], {"axis": -1}),
        ("Add", ["x", "s"], ["y"]),
    ]
    asked = np.linspace(0, 1, 40, dtype=np.float32).reshape(5, 8)
    constants = {"asked": asked, "w": weights(8, 8), "sizes": np.array([5, 8])}
    network = traced(nodes, {"x": ["N", 5, 8]}, constants)
    assert not network.warnings
    report = parse(spec_text(network)).analyze()
    assert report.params == 40 + 64
    assert report.macs == 5 * 64
