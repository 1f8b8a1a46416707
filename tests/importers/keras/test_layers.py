"""Layers of Keras against the shapes and weights of Keras's own tests, and what they become here."""

import csv
import json
from pathlib import Path

import pytest

from .models import functional, layer, load, own, sequential, totals, traced

TABLE = Path(__file__).parents[4] / "shared" / "data" / "keras_layer_tests.csv"


def sizes(text):
    return [int(size) for size in text.split("x")]


@pytest.mark.skipif(not TABLE.is_file(), reason="the table is not here")
def test_the_shapes_of_kerass_own_tests():
    wrong = []
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        fields = json.loads(row["init_kwargs"])
        _, (value,) = traced(sequential(sizes(row["input_shape"])[1:], (row["layer"], fields)))
        if list(value.shape) != sizes(row["output_shape"])[1:]:
            wrong.append((row["layer"], fields, row["input_shape"], row["output_shape"], value.shape))
    assert not wrong
    assert len(rows) > 80


def kinds(model):
    return [node.kind for node in traced(model)[0].nodes]


def test_a_map_is_flattened_in_our_order_unless_something_depends_on_it():
    conv = ("Conv2D", {"filters": 4, "kernel_size": 3})
    dense = sequential((8, 8, 3), conv, ("Flatten", {}), ("Dropout", {"rate": 0.5}), ("Dense", {"units": 2}))
    assert kinds(dense) == ["conv", "flatten", "dropout", "linear"]
    back = sequential((8, 8, 3), conv, ("Flatten", {}), ("Reshape", {"target_shape": [12, 12]}))
    assert kinds(back) == ["conv", "permute", "flatten", "reshape"]


def test_a_vector_behind_weights_becomes_a_map_directly():
    up = ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"})
    tracing, (value,) = traced(sequential((9,), ("Dense", {"units": 98}), ("Reshape", {"target_shape": [7, 7, 2]}), up))
    assert [node.kind for node in tracing.nodes] == ["linear", "reshape", "conv_transpose"]
    assert tracing.nodes[1].output == (2, 7, 7)
    assert value.shape == (14, 14, 4)


@pytest.mark.parametrize(
    ("scale", "centre", "expected", "total"),
    [
        (True, True, ["batchnorm"], (16, 8)),
        (False, True, ["batchnorm", "scale"], (12, 4)),
        (True, False, ["batchnorm", "scale"], (12, 4)),
        (False, False, ["batchnorm"], (8, 0)),
    ],
)
def test_batchnorm_without_a_part(scale, centre, expected, total):
    tracing, _ = traced(sequential((5, 5, 4), ("BatchNormalization", {"scale": scale, "center": centre})))
    assert [node.kind for node in tracing.nodes] == expected
    assert totals(tracing) == total


def test_frozen_and_shared():
    frozen = {"units": 3, "trainable": False}
    assert totals(traced(sequential((3,), ("Dense", frozen), ("Dense", {"units": 3})))[0]) == (24, 12)
    entry = layer("InputLayer", "x", batch_input_shape=[None, 3])
    twice = {**layer("Dense", "d", "x", units=3), "inbound_nodes": [[["x", 0, 0, {}]], [["d", 0, 0, {}]]]}
    model = functional([entry, twice], ["x"], [])
    model["config"]["output_layers"] = [["d", 1, 0]]
    tracing, _ = traced(model)
    assert [node.shares for node in tracing.nodes] == [None, "d"]
    assert totals(tracing) == (12, 12)


def test_open_sizes_are_symbols(tmp_path):
    conv = ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2})
    spec, _ = load(tmp_path, sequential((None, None, 3), conv, ("GlobalAveragePooling2D", {}), ("Dense", {"units": 2})))
    assert [str(size) for size in spec.inputs()["input"]] == ["3", "H", "W"]
    assert spec.analyze(input=(3, 9, 7)).outputs == {"output": (2,)}


def test_a_spec_as_a_person_writes_it(tmp_path):
    conv = ("Conv2D", {"filters": 8, "kernel_size": [3, 3], "padding": "same", "activation": "relu"})
    pool = ("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"})
    head = [("Flatten", {}), ("Dense", {"units": 10, "activation": "softmax"})]
    spec, warned = load(tmp_path, sequential((28, 28, 1), conv, pool, *head, keras_version="2.4.0"))
    lines = [line.strip() for line in spec.text.splitlines()]
    assert warned == []
    assert "input: 1x28x28" in lines
    assert any("conv: {out_channels: 8, kernel_size: 3, padding: same" in line for line in lines), spec.text
    assert "- relu" in lines
    assert "- softmax" in lines
    assert "description: From a model of Keras 2.4.0." in lines


def test_a_manifest_with_other_weights_is_a_warning(tmp_path):
    model = sequential((3,), ("Dense", {"units": 2}))
    for rows, said in ((3, []), (5, ["its manifest lists 12 weights, of layer_0 among others, its layers have 8"])):
        weights = [{"name": "layer_0/kernel", "shape": [rows, 2]}, {"name": "layer_0/bias", "shape": [2]}]
        text = {"modelTopology": {"model_config": model}, "weightsManifest": [{"paths": [], "weights": weights}]}
        _, warned = load(tmp_path, text)
        assert [sentence.partition(": ")[2] for sentence in warned] == said


def test_a_lambda_is_unknown_with_the_shape_that_the_file_states(tmp_path):
    stated = ("Lambda", {"function": ["4wEA", None, None], "output_shape": [4, 5]})
    spec, warned = load(tmp_path, sequential((6, 6, 3), stated))
    assert spec.analyze().outputs == {"output": (5, 4)}
    assert "Lambda" in warned[0]
    spec, warned = load(tmp_path, sequential((6, 6, 3), ("Lambda", {"function": ["4wEA", None, None]})))
    assert spec.analyze().outputs == {"output": (3, 6, 6)}
    assert "does not state its output shape" in warned[0]


def test_the_weights_of_recurrent_layers():
    """Keras, model.summary(): LSTM(5) on [7, 3] has 180, GRU(5) 150 with reset_after, 135 without."""
    for kind, fields, params in (
        ("LSTM", {}, 180),
        ("GRU", {"reset_after": True}, 150),
        ("GRU", {}, 135),
        ("SimpleRNN", {}, 45),
    ):
        tracing, (value,) = traced(sequential((7, 3), (kind, {"units": 5, **fields})))
        assert sum(own(node, tracing) for node in tracing.nodes) == params, kind
        assert value.shape == (5,)


def test_the_scaled_sum_of_inception_resnet():
    entry = layer("InputLayer", "x", batch_input_shape=[None, 5, 5, 3])
    conv = layer("Conv2D", "c", "x", filters=3, kernel_size=1)
    tracing, (value,) = traced(
        functional([entry, conv, layer("CustomScaleLayer", "s", "x", "c", scale=0.17)], ["x"], ["s"])
    )
    assert [(node.kind, node.inputs) for node in tracing.nodes[1:]] == [("rescale", ("c",)), ("add", ("x", "rescale"))]
    assert value.shape == (5, 5, 3)


BIASES = {"GRU": {"reset_after": True}, "LSTM": {"use_bias": False}, "SimpleRNN": {"use_bias": False}}


@pytest.mark.parametrize(("kind", "fields"), BIASES.items())
@pytest.mark.parametrize("every", [True, False])
def test_recurrent_layers_with_pytorchs_weights_are_ours(kind, fields, every):
    """GRU of Keras 2 and 3 has two biases, as cuDNN; the last step alone is the state."""
    fields = {"units": 4, "return_sequences": every, "recurrent_activation": "sigmoid", **fields}
    tracing, (value,) = traced(sequential((7, 3), (kind, fields)))
    assert tracing.nodes[0].kind == {"GRU": "gru", "LSTM": "lstm", "SimpleRNN": "rnn"}[kind]
    assert value.shape == ((7, 4) if every else (4,))
    assert tracing.nodes[-1].inputs == (("x",) if every else ("layer_0.h_n",))


def test_both_directions():
    inner = {"class_name": "GRU", "config": {"units": 4, "reset_after": True, "recurrent_activation": "sigmoid"}}
    wrapped = ("Bidirectional", {"layer": inner, "merge_mode": "concat"})
    tracing, (value,) = traced(sequential((7, 3), wrapped))
    assert [node.kind for node in tracing.nodes] == ["gru", "permute", "flatten"]
    assert value.shape == (8,)
    assert totals(tracing) == (2 * 3 * 4 * (3 + 4 + 2),) * 2
    other = {**inner, "config": {**inner["config"], "activation": "relu"}}
    different = ("Bidirectional", {"layer": inner, "backward_layer": other, "merge_mode": "concat"})
    assert kinds(sequential((7, 3), different)) == ["unknown"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("LSTM", {}), ("GRU", {"reset_after": False}), ("SimpleRNN", {"use_bias": False, "activation": "elu"}),
        ("LSTM", {"use_bias": False, "go_backwards": True}),
        ("LSTM", {"use_bias": False, "recurrent_activation": "hard_sigmoid"}),
    ],
)  # fmt: skip
def test_other_recurrent_layers_are_unknown_with_their_numbers(kind, fields):
    tracing, (value,) = traced(sequential((7, 3), (kind, {"units": 4, **fields})))
    (node,) = tracing.nodes
    assert node.kind == "unknown"
    gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[kind]
    assert node.arguments["params"] == gates * 4 * (3 + 4 + fields.get("use_bias", True))
    assert node.arguments["macs"] == 7 * gates * 4 * (3 + 4)
    assert value.shape == (4,)


def test_a_lambda_whose_shape_its_name_tells(tmp_path):
    model = sequential((8, 8, 4), ("Lambda", {"function": ["", None, None], "name": "space_to_depth_x2"}))
    spec, warned = load(tmp_path, model)
    assert spec.analyze().outputs == {"output": (16, 4, 4)}
    assert any("assumed to be TensorFlow's space_to_depth, by its name" in sentence for sentence in warned)
    _, warned = load(tmp_path, sequential((8, 8, 4), ("Lambda", {"function": ["", None, None]})))
    assert any("assumed to keep the shape of its input" in sentence for sentence in warned)


@pytest.mark.parametrize(
    ("shapes", "axes", "output"),
    [
        (((5,), (5,)), 1, (1,)),
        (((4, 5), (6, 5)), 2, (4, 6)),
        (((4, 5), (4, 3)), 1, (5, 3)),
        (((4, 5), (5,)), [2, 1], (4,)),
    ],
)
def test_dot_is_a_matrix_product(shapes, axes, output):
    entries = [
        layer("InputLayer", name, batch_input_shape=[None, *shape]) for name, shape in zip("ab", shapes, strict=True)
    ]
    dot = {**layer("Dot", "dot", axes=axes), "inbound_nodes": [[["a", 0, 0, {}], ["b", 0, 0, {}]]]}
    tracing, (value,) = traced(functional([*entries, dot], ["a", "b"], ["dot"]))
    assert value.shape == output
    assert "unknown" not in [node.kind for node in tracing.nodes]
