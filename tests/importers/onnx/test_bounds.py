"""Small files that stand for large numbers, long lists or many operators: an answer in few steps and little memory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from onnx import helper

from cnncalc.errors import UsageError
from cnncalc.importers.onnx import read_onnx

from ...effort import steps
from .models import kinds, model, traced

INPUT = {"x": ["N", 3, 8, 8]}
SYMBOLS = {"x": ["N", 3, "H", "W"]}
RELU = ("Relu", ["x"], ["y"])
MOST = 3_000_000


def kinds_in_few_steps(nodes, sizes, constants=None):
    networks = []
    steps(lambda: networks.append(traced(nodes, sizes, constants)), MOST)
    return kinds(networks[0])


def chain(kind, count, first="c"):
    """Operators that each take the last result twice."""
    names = [first, *(f"{kind}{number}" for number in range(count))]
    return [(kind, [before, before], [after]) for before, after in pairwise(names)]


@pytest.mark.parametrize("kind", ["Mul", "Add"])
@pytest.mark.parametrize("value", [np.array([3]), np.array([3.5], np.float32)], ids=["whole", "float"])
def test_numbers_that_double_their_length(kind, value):
    nodes = [*chain(kind, 60), RELU]
    assert kinds_in_few_steps(nodes, INPUT, {"c": value}) == ["relu"]


def test_products_of_long_lists():
    nodes = [("ReduceProd", ["c"], ["p"]), *chain("Mul", 40, "p"), RELU]
    assert kinds_in_few_steps(nodes, INPUT, {"c": np.full(4096, 2**40)}) == ["relu"]


@pytest.mark.parametrize("kind", ["Mul", "Add"])
def test_stored_tensors_computed_by_operators_that_double(kind):
    stored = np.linspace(0, 1, 3 * 64, dtype=np.float32).reshape(1, 3, 8, 8)
    nodes = [*chain(kind, 60), ("Add", ["x", f"{kind}59"], ["y"])]
    assert kinds_in_few_steps(nodes, INPUT, {"c": stored}) == ["unknown"]


def squares(first, count):
    """Operators that each square the last result."""
    names = [first, *(f"square{number}" for number in range(count))]
    return [("Mul", [before, before], [after]) for before, after in pairwise(names)]


@pytest.mark.parametrize("sizes", [INPUT, SYMBOLS], ids=["numbers", "symbols"])
def test_shapes_squared(sizes):
    twice = ("ReduceSum", ["c"], ["s"])
    nodes = [("Shape", ["x"], ["c"]), *chain("Mul", 12), twice, *squares("s", 12), RELU]
    assert kinds_in_few_steps(nodes, sizes) == ["relu"]


@pytest.mark.parametrize(
    "nodes",
    [
        [("Concat", ["c"] * 60_000, ["d"], {"axis": 0})],
        [("Gather", ["t", "i"], ["d"])],
        [("Expand", ["c", "s"], ["d"])],
        [("ConstantOfShape", ["s"], ["d"])],
        [("Range", ["zero", "end", "one"], ["d"])],
    ],
    ids=lambda nodes: nodes[0][0],
)
def test_long_lists(nodes):
    constants = {
        "c": np.arange(4096),
        "t": np.zeros((2, 2048), np.int64),
        "i": np.zeros(4096, np.int64),
        "s": np.array([2**31, 4096]),
        "zero": np.array(0),
        "end": np.array(2**62),
        "one": np.array(1),
    }
    assert kinds_in_few_steps([*nodes, RELU], INPUT, constants) == ["relu"]


def test_a_concat_of_many_maps():
    made = [f"r{number}" for number in range(3000)]
    nodes = [*(("Relu", ["x"], [name]) for name in made), ("Concat", made, ["y"], {"axis": 1})]
    assert kinds_in_few_steps(nodes, INPUT)[-1] == "concat"


def doubling(depth, attribute=None):
    """A model with functions that each call the next one twice."""
    made = model([], INPUT)
    made.graph.node.append(helper.make_node("F0", ["x"], ["y"], domain="own"))
    made.opset_import.append(helper.make_opsetid("own", 1))
    for number in range(depth):
        last = number == depth - 1
        callee, domain = ("Relu", "") if last else (f"F{number + 1}", "own")
        body = [helper.make_node(callee, [a], [b], domain=domain) for a, b in (("x", "m"), ("m", "y"))]
        if last and attribute is not None:
            body.append(helper.make_node("Constant", [], ["unread"], value=attribute))
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
        made.functions.append(helper.make_function("own", f"F{number}", ["x"], ["y"], body, opsets))
    return made


@pytest.mark.parametrize(("depth", "count"), [(24, 2**24), (60, 2**60), (17, 2**17)])
def test_functions_that_double(tmp_path, depth, count):
    file = tmp_path / "net.onnx"
    file.write_bytes(doubling(depth).SerializeToString())
    with pytest.raises(UsageError, match=f"{count:,} operators, more than the limit of 100,000"):
        steps(lambda: read_onnx(file), MOST)


def test_functions_below_the_limit(tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(doubling(5).SerializeToString())
    assert len(read_onnx(file).nodes) == 32


def test_functions_that_copy_a_constant(tmp_path):
    file = tmp_path / "net.onnx"
    constant = helper.make_tensor("value", 1, [2**18], b"\0" * 2**20, raw=True)
    file.write_bytes(doubling(13, constant).SerializeToString())
    with pytest.raises(UsageError, match="its functions expand to more than 256 MiB"):
        read_onnx(file)
