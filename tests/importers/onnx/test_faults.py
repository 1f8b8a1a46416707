"""Bad files of both kinds: no model at all, and models that say what cannot be; a sentence for each."""

import random

import numpy as np
import onnx
import pytest
from onnx import helper

from cnncalc.errors import CnncalcError, UsageError
from cnncalc.importers.onnx import read_onnx
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text

from ...examples import examples
from ...fuzz.models import INPUTS, NODES, WEIGHTS, misshape
from ...fuzz.texts import mutate_bytes
from .models import model, traced

CONV = NODES[0]
INPUT = INPUTS[0]


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(model(NODES, INPUT, WEIGHTS).SerializeToString())
    return file


def test_a_good_one_is_read(path):
    assert [node.kind for node in read_onnx(path).nodes] == ["conv", "relu", "add", "flatten", "linear"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"net\.onnx: no such file"):
        read_onnx(tmp_path / "net.onnx")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100, bytes(range(256)), b"name: net\nlayers: []\n"])
def test_no_model(tmp_path, content):
    file = tmp_path / "net.onnx"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"not a.* ONNX model"):
        read_onnx(file)


def test_cut_short(path):
    whole = path.read_bytes()
    refused = 0
    for end in range(1, len(whole), 97):
        path.write_bytes(whole[:end])
        try:
            read_onnx(path)
        except UsageError:
            refused += 1
    assert refused > len(range(1, len(whole), 97)) * 0.9  # where it ends between two operators the rest is a model


def test_operators_in_a_circle():
    nodes = [("Add", ["x", "b"], ["a"]), ("Relu", ["a"], ["b"])]
    with pytest.raises(UsageError, match=r"reads 'b', which no earlier operator produces .* the graph is cyclic"):
        traced(nodes, INPUT, outputs=("b",))


def test_a_tensor_that_nothing_makes():
    with pytest.raises(UsageError, match="reads 'z', which no earlier operator produces"):
        traced([("Add", ["x", "z"], ["y"])], INPUT)


def test_functions_that_call_each_other(tmp_path):

    one = helper.make_function("own", "One", ["x"], ["y"], [helper.make_node("Two", ["x"], ["y"], domain="own")], [])
    two = helper.make_function("own", "Two", ["x"], ["y"], [helper.make_node("One", ["x"], ["y"], domain="own")], [])
    made = model([("Relu", ["x"], ["y"])], INPUT)
    made.functions.extend([one, two])
    file = tmp_path / "own.onnx"
    file.write_bytes(made.SerializeToString())
    with pytest.raises(UsageError, match="its functions call each other in a circle"):
        read_onnx(file)


def test_functions_are_written_out(tmp_path):

    inner = [helper.make_node("Sigmoid", ["x"], ["s"]), helper.make_node("Mul", ["x", "s"], ["y"])]
    function = helper.make_function("own", "Swish", ["x"], ["y"], inner, [helper.make_opsetid("", 18)])
    made = model([], INPUT)
    made.graph.node.append(helper.make_node("Swish", ["x"], ["y"], domain="own"))
    made.functions.append(function)
    made.opset_import.append(helper.make_opsetid("own", 1))
    file = tmp_path / "own.onnx"
    file.write_bytes(made.SerializeToString())
    assert [node.kind for node in read_onnx(file).nodes] == ["silu"]


@pytest.mark.parametrize("size", [2**62, 2**40])
def test_absurd_sizes_are_only_numbers(size):
    network = traced([CONV], {"x": ["batch", 3, size, size]}, WEIGHTS, outputs=("c",))
    assert network.nodes[0].output == (4, size, size)


def test_negative_sizes():
    with pytest.raises(UsageError, match="negative size"):
        traced([CONV], {"x": ["batch", 3, -8, 8]}, WEIGHTS, outputs=("c",))
    made = model(NODES, INPUT, WEIGHTS)
    made.graph.initializer[0].dims[0] = -4
    from cnncalc.importers.onnx.trace import trace

    with pytest.raises(UsageError, match="constant 'w' has a negative size"):
        trace(made)


def test_a_fill_of_a_billion_numbers_is_not_made():
    nodes = [("ConstantOfShape", ["sizes"], ["big"]), ("Add", ["x", "big"], ["y"])]
    network = traced(nodes, INPUT, {"sizes": np.array([10**9, 10**9])}, shapes={"y": ["batch", 3, 8, 8]})
    assert network.nodes[-1].kind == "unknown"


def test_weights_elsewhere_are_not_looked_for(tmp_path, monkeypatch):
    """The path of external data may point anywhere: it is never opened."""
    made = model(NODES, INPUT, WEIGHTS)
    for each in made.graph.initializer:
        onnx.external_data_helper.set_external_data(each, "../../../../etc/passwd")
        each.ClearField("raw_data")
        each.data_location = onnx.TensorProto.EXTERNAL
    file = tmp_path / "net.onnx"
    file.write_bytes(made.SerializeToString())
    opened = []
    import builtins

    real = builtins.open
    monkeypatch.setattr(
        builtins, "open", lambda name, *rest, **more: opened.append(str(name)) or real(name, *rest, **more)
    )
    network = read_onnx(file)
    assert sum(int(np.prod(shape)) for node in network.nodes for shape in node.weights.values()) == 108 + 1285
    assert not [name for name in opened if "passwd" in name]


def test_too_old(tmp_path):
    file = tmp_path / "old.onnx"
    file.write_bytes(model(NODES, INPUT, WEIGHTS, opset=6).SerializeToString())
    with pytest.raises(UsageError, match="opset 6, older than 7"):
        read_onnx(file)


@pytest.mark.parametrize("name", [b"Relu", b"batch", b"Flatten"])
def test_names_that_are_no_text(path, name):
    path.write_bytes(path.read_bytes().replace(name, name[:-1] + b"\xff"))
    with pytest.raises(UsageError, match=r"net\.onnx: not an ONNX model: it contains a name that is not UTF-8"):
        read_onnx(path)


def test_an_operator_that_makes_nothing():
    with pytest.raises(UsageError, match="Print 'p' has no output"):
        traced([("Print", ["x"], [], {"name": "p"}), ("Relu", ["x"], ["y"])], INPUT)


def test_a_model_that_nothing_leaves():
    with pytest.raises(UsageError, match="it has no output"):
        spec_text(traced([], INPUT, outputs=()))


@pytest.mark.parametrize("seed", range(examples(300)))
def test_changed_bytes_give_an_answer(seed, path):
    rng = random.Random(seed)
    path.write_bytes(mutate_bytes(rng, path.read_bytes()[-400:] if seed % 2 else path.read_bytes()))
    before = sorted(path.parent.iterdir())
    try:
        spec_text(read_onnx(path))
    except CnncalcError as error:
        assert str(error)  # noqa: PT017
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize("seed", range(4))
def test_operators_of_any_form_give_an_answer(seed):
    rng = random.Random(seed)
    for _ in range(examples(50)):
        made = misshape(rng)
        try:
            spec_text(trace(made))
        except CnncalcError as error:
            assert str(error)  # noqa: PT017 - any sentence will do
