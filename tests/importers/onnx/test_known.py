"""What leaves operators that no layer expresses: known from what enters, at sizes that are not known too."""

import numpy as np
import pytest

from cnncalc.errors import UsageError
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse
from cnncalc.symbolic import render

from .models import kinds, traced, weights

MAP = {"x": ["batch", 4, "H", "W"]}
NUMBERS = {
    "one": np.array([1]),
    "none": np.array([0]),
    "learnt": weights(1),
    "last": np.array([-1]),
    "pads": np.array([0, 2, 0, 0, 0, 2, 0, 0]),
    "laid": np.array([4, -1, 6]),
    "places": np.zeros((6, 1), dtype=np.int64),
}


@pytest.mark.parametrize(
    ("nodes", "output", "params"),
    [
        ([("Erf", ["x"], ["y"])], "4 H W", 0),
        ([("Pow", ["x", "one"], ["y"])], "4 H W", 0),
        ([("ReduceL2", ["x", "one"], ["y"])], "1 H W", 0),
        ([("ReduceL1", ["x", "last"], ["y"], {"keepdims": 0})], "4 H", 0),
        ([("ArgMax", ["x"], ["y"], {"axis": 1, "keepdims": 0})], "H W", 0),
        ([("Pad", ["x", "pads"], ["y"])], "8 H W", 0),
        ([("Unsqueeze", ["x", "none"], ["y"])], "1 4 H W", 0),
        ([("Unsqueeze", ["x", "none"], ["u"]), ("Relu", ["u"], ["r"]), ("Squeeze", ["r", "none"], ["y"])], "4 H W", 0),
        ([("Div", ["x", "learnt"], ["y"])], "4 H W", 1),
        ([("Gather", ["x", "places"], ["y"], {"axis": 1})], "6 1 H W", 0),
        ([("Transpose", ["x"], ["y"], {"perm": [1, 0, 2, 3]})], "4 H W", 0),
        ([("Transpose", ["x"], ["t"], {"perm": [2, 0, 1, 3]}), ("GatherND", ["t", "places"], ["y"])], "6 4 W", 0),
    ],
)
def test_it_is_unknown_with_its_shape(nodes, output, params):
    network = traced(nodes, MAP, NUMBERS)
    node = network.nodes[-1]
    assert (node.kind, node.arguments["params"]) == ("unknown", params)
    assert " ".join(map(render, node.output)) == output
    spec_text(network)


def test_what_moves_the_batch_and_back_goes_on():
    nodes = [
        ("Transpose", ["x"], ["t"], {"perm": [2, 1, 0, 3]}),
        ("GatherND", ["t", "places"], ["g"]),
        ("Transpose", ["g"], ["b"], {"perm": [2, 1, 0, 3]}),
        ("Relu", ["b"], ["y"]),
    ]
    network = traced(nodes, {"x": ["batch", 4, 8, 8]}, NUMBERS)
    assert kinds(network) == ["permute", "unknown", "unknown", "relu"]
    network = traced(nodes, {"x": [1, 4, 8, 8]}, NUMBERS)
    assert [node.output for node in network.nodes] == [(8, 4, 8), (6, 4, 8), (4, 6, 8), (4, 6, 8)]
    spec_text(network)


@pytest.mark.parametrize("batch", [1, "batch"])
def test_axes_behind_a_batch_that_was_moved_are_merged(batch):
    nodes = [("Transpose", ["x"], ["t"], {"perm": [1, 0, 2, 3]}), ("Reshape", ["t", "laid"], ["y"], {"allowzero": 1})]
    network = traced(
        [*nodes, ("Transpose", ["y"], ["z"], {"perm": [1, 0, 2]})], {"x": [batch, 4, 2, 3]}, NUMBERS, ("z",)
    )
    assert [(node.kind, node.output) for node in network.nodes] == [("flatten", (4, 6))]


@pytest.mark.parametrize("batch", [1, "batch"])
def test_a_batch_laid_out_with_another_axis(batch):
    """[1, 4, 2, 3] as [8, 3]: every sample keeps all its numbers."""
    nodes = [("Reshape", ["x", "together"], ["t"]), ("Neg", ["t"], ["y"])]
    network = traced(nodes, {"x": [batch, 4, 2, 3]}, {"together": np.array([-1, 3])})
    assert [node.output for node in network.nodes] == [(8, 3), (8, 3)]
    spec_text(network)


def test_numbers_computed_from_fixed_ones_are_not_learnt():
    nodes = [("Sqrt", ["fixed"], ["s"]), ("Mul", ["x", "s"], ["y"])]
    (node,) = traced(nodes, {"x": [1, 4, 2, 3]}, {"fixed": np.array([4])}).nodes
    assert (node.kind, node.arguments) == ("rescale", {"factor": 2, "offset": 0})


def test_a_constant_along_the_last_axis():
    """The factors of a block of ConvNeXt, at any size."""
    nodes = [("Transpose", ["x"], ["t"], {"perm": [0, 2, 3, 1]}), ("Mul", ["g", "t"], ["y"])]
    network = traced(nodes, MAP, {"g": weights(4)})
    assert kinds(network) == ["permute", "parameter"]
    assert network.nodes[-1].weights == {"weight": (1, 1, 4)}
    assert " ".join(map(render, network.nodes[-1].output)) == "H W 4"


def test_a_part_to_the_end_says_no_end():
    nodes = [("Split", ["x"], ["a", "b"], {"axis": 1, "num_outputs": 2}), ("Add", ["a", "b"], ["y"])]
    assert [node.arguments for node in traced(nodes, MAP).nodes[:2]] == [
        {"dim": 1, "start": 0, "end": 2},
        {"dim": 1, "start": 2},
    ]
    numbers = {"from": np.array([1]), "to": np.array([4]), "axis": np.array([1])}
    (node,) = traced([("Slice", ["x", "from", "to", "axis"], ["y"])], MAP, numbers).nodes
    assert "end" not in node.arguments
    (node,) = traced([("Gather", ["x", "at"], ["y"], {"axis": 1})], MAP, {"at": np.array([3])}).nodes
    assert "end" not in node.arguments


def test_factors_of_a_product_are_said():
    nodes = [("Gemm", ["x", "w", "b"], ["y"], {"alpha": 2.0, "beta": 0.5})]
    network = traced(nodes, {"x": ["batch", 6]}, {"w": weights(6, 5), "b": weights(5)})
    assert kinds(network) == ["linear"]
    assert network.warnings == (
        "Gemm '' multiplies by alpha 2.0 and beta 0.5, which are treated as part of its weights",
    )


def test_weights_that_come_in():
    inputs = {"x": [1, 3, 8, 8], "w": [4, 3, 3, 3]}
    with pytest.raises(UsageError, match="Conv '' takes its weights from the input 'w': weights must be constants"):
        traced([("Conv", ["x", "w"], ["y"])], inputs)


def test_batches_of_several_sizes_are_named():
    with pytest.raises(UsageError, match=r"different batch sizes \(first axes\): x 1, z 4"):
        traced([("Add", ["x", "z"], ["y"])], {"x": [1, 3], "z": [4, 3]})


def test_a_graph_that_hands_on_is_one_layer():
    for network in (traced([], MAP, outputs=("x",)), traced([("Identity", ["x"], ["y"])], MAP)):
        assert kinds(parse(spec_text(network)).graph()) == ["identity"]


def test_tokens_and_positions():
    nodes = [("Add", ["x", "positions"], ["p"]), ("Mul", ["gain", "p"], ["g"]), ("CumSum", ["g", "axis"], ["c"])]
    nodes.append(("ReduceSum", ["c", "axes"], ["y"], {"keepdims": 0}))
    held = {"positions": weights(1, 5, 4), "gain": weights(1, 4), "axis": np.array(1), "axes": np.array([2])}
    network = traced(nodes, {"x": [1, 5, 4]}, held)
    assert kinds(network) == ["parameter", "parameter", "cumsum", "sum"]
    assert [node.weights for node in network.nodes[:2]] == [{"weight": (5, 4)}, {"weight": (1, 4)}]
    assert [node.output for node in network.nodes] == [(5, 4), (5, 4), (5, 4), (5,)]
    assert network.nodes[0].arguments == {"merge": "add"}


def test_a_constant_per_channel_that_repeats_the_only_channel():
    """It is no `scale`, whose shape is that of its input."""
    network = traced([("Mul", ["x", "c"], ["y"])], {"x": ["N", 1, 8, 8]}, {"c": weights(4, 1, 1)})
    report = parse(spec_text(network)).analyze()
    assert report.outputs == {"output": (4, 8, 8)}
    assert report.params == 4


def test_what_is_computed_from_a_stored_tensor_counts_as_that():
    """A sum with every number to the third power, which no layer expresses."""
    nodes = [("Pow", ["w", "three"], ["p"]), ("Expand", ["p", "sizes"], ["e"]), ("Add", ["x", "e"], ["y"])]
    constants = {"w": np.linspace(0, 1, 200, dtype=np.float32), "sizes": np.array([3, 4, 200]), "three": np.float32(3)}
    network = traced(nodes, {"x": ["N", 3, 4, 200]}, constants)
    (node,) = network.nodes
    assert (node.kind, node.arguments["params"]) == ("unknown", 200)


@pytest.mark.parametrize("sizes", [(-1, 5), (-1, 50)])
def test_a_reshape_that_does_not_come_out_even_is_readable(sizes):
    """12 numbers of each image in rows of 5 or of 50: how many rows there are depends on the batch."""
    network = traced([("Reshape", ["x", "sizes"], ["y"])], {"x": ["N", 3, 4]}, {"sizes": np.array(sizes)})
    assert kinds(network) == ["unknown"]
    assert parse(spec_text(network)).analyze().outputs == {"output": sizes[1:]}
