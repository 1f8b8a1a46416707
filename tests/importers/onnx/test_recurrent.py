"""Recurrent operators between the transposes that exporters write around them."""

import numpy as np
import pytest

import cnncalc
from cnncalc.importers.onnx import read_onnx
from cnncalc.importers.writing.spec_text import spec_text

from ...shipped_networks import FULL
from .models import kinds, traced, weights

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
AXIS = {"one": np.array([1]), "zero": np.array([0])}
USUAL = {"LSTM": {}, "GRU": {"linear_before_reset": 1}, "RNN": {}}


def held(kind, directions=1, channels=6, hidden=4, bias=True):
    rows = GATES[kind] * hidden
    given = {"w": weights(directions, rows, channels), "r": weights(directions, rows, hidden), **AXIS}
    return {**given, "b": weights(directions, 2 * rows)} if bias else given


def network(kind, behind, directions=1, bias=True, front=(2, 0, 1), size=("N", 6, 9), **attributes):
    way = "bidirectional" if directions == 2 else "forward"
    reads = ["t", "w", "r", "b"][: 4 if bias else 3]
    fields = {"hidden_size": 4, "direction": way, **USUAL[kind], **attributes}
    states = ["h", "c"][: 2 if kind == "LSTM" else 1]
    nodes = [("Transpose", ["x"], ["t"], {"perm": list(front)}), (kind, reads, ["s", *states], fields), *behind]
    return traced(nodes, {"x": list(size)}, {**held(kind, directions, bias=bias), "joined": np.array([0, 0, -1])})


STEPS = [("Squeeze", ["s", "one"], ["q"]), ("Transpose", ["q"], ["y"], {"perm": [1, 2, 0]})]
BOTH = [
    ("Transpose", ["s"], ["u"], {"perm": [0, 2, 1, 3]}),
    ("Reshape", ["u", "joined"], ["q"]),
    ("Transpose", ["q"], ["y"], {"perm": [1, 2, 0]}),
]


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("bias", [True, False])
def test_one_direction(kind, bias):
    made = network(kind, STEPS, bias=bias)
    assert kinds(made) == [kind.lower()]
    (node,) = made.nodes
    assert node.output == (4, 9)
    graph = cnncalc.parse(spec_text(made)).graph()
    rows = GATES[kind] * 4
    assert cnncalc.Report(graph).params == rows * (6 + 4) + (2 * rows if bias else 0)


@pytest.mark.parametrize("kind", GATES)
def test_both_directions(kind):
    made = network(kind, BOTH, directions=2)
    assert kinds(made) == [kind.lower()]
    assert made.nodes[0].output == (8, 9)
    assert made.nodes[0].arguments["bidirectional"] is True


def test_a_sequence_that_has_its_channels_last():
    made = network(
        "LSTM", [*STEPS[:1], ("Transpose", ["q"], ["y"], {"perm": [1, 0, 2]})], front=(1, 0, 2), size=("N", 9, 6)
    )
    assert kinds(made) == ["permute", "lstm", "permute"]
    assert made.nodes[-1].output == (9, 4)


def test_the_last_state_is_a_further_output():
    made = network("LSTM", [("Squeeze", ["h", "zero"], ["y"])])
    assert kinds(made) == ["lstm", "flatten"]
    assert made.nodes[1].inputs == (f"{made.nodes[0].name}.h_n",)
    graph = cnncalc.parse(spec_text(made)).graph()
    assert [node.kind for node in graph.nodes] == ["lstm", "output", "flatten"]


def test_the_last_step():
    made = traced(
        [
            ("Transpose", ["x"], ["t"], {"perm": [2, 0, 1]}),
            ("GRU", ["t", "w", "r", "b"], ["s"], {"hidden_size": 4, "linear_before_reset": 1}),
            ("Squeeze", ["s", "one"], ["q"]),
            ("Gather", ["q", "last"], ["y"], {"axis": 0}),
        ],
        {"x": ["N", 6, 9]},
        {**held("GRU"), "last": np.array(-1)},
    )
    assert kinds(made) == ["gru", "slice", "flatten"]
    assert made.nodes[-1].output == (4,)


def test_a_linear_layer_over_the_channels_of_every_step():
    nodes = [
        ("Transpose", ["x"], ["t"], {"perm": [2, 0, 1]}),
        ("RNN", ["t", "w", "r"], ["s"], {"hidden_size": 4, "activations": ["Relu"]}),
        ("Squeeze", ["s", "one"], ["q"]),
        ("MatMul", ["q", "m"], ["l"]),
        ("Transpose", ["l"], ["y"], {"perm": [1, 2, 0]}),
    ]
    constants = {**held("RNN", bias=False), "m": weights(4, 7)}
    made = traced(nodes, {"x": ["N", 6, 9]}, constants)
    assert [(node.kind, node.output) for node in made.nodes] == [("rnn", (4, 9)), ("linear", (7, 9))]
    assert made.nodes[0].arguments["nonlinearity"] == "relu"
    assert made.nodes[1].arguments["axis"] == "channels"


def test_a_gate_that_resets_first_is_noted():
    made = network("GRU", STEPS, linear_before_reset=0)
    assert kinds(made) == ["gru"]
    assert "reset gate" in made.warnings[0]


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("LSTM", {"clip": 1.0}),
        ("LSTM", {"input_forget": 1}),
        ("LSTM", {"activations": ["Sigmoid", "Relu", "Tanh"]}),
        ("GRU", {"direction": "reverse"}),
    ],
)
def test_what_pytorch_does_not_have_is_unknown(kind, attributes):
    made = network(kind, STEPS, **attributes)
    assert "unknown" in kinds(made)
    assert kind.lower() not in kinds(made)


@pytest.mark.skipif(not FULL, reason="CNNCALC_ZOO=1: torch.onnx takes long for it")
def test_what_we_export_comes_back(tmp_path):
    pytest.importorskip("onnxscript")
    from cnncalc.exporters.onnx import write_onnx

    text = "input: 9x20\nlayers:\n  - lstm: 8\n    name: memory\n  - flatten:\n    from: memory.h_n\n"
    graph = cnncalc.parse(text).graph()
    write_onnx(graph, tmp_path / "net.onnx")
    again = cnncalc.parse(spec_text(read_onnx(tmp_path / "net.onnx"))).graph()
    assert [(node.kind, node.output) for node in again.nodes][:2] == [("lstm", (8, 20)), ("output", (8, 1))]
    assert again.nodes[-1].output == (8,)
    assert cnncalc.Report(again).params == cnncalc.Report(graph).params
