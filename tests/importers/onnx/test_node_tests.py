"""Every node test of the onnx package: the shape that it states leaves the layer, or the unknown node in its place.

Two things no layer here has: a first axis that is not the batch, and inputs without any axis besides it. Where a node
test is about those, the importer says so, and the list of them is held here.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.run import HANDLERS
from cnncalc.importers.onnx.trace import trace

ROWS = list(
    csv.DictReader((Path(__file__).parents[2] / "data" / "onnx_node_tests.csv").read_text("utf-8").splitlines())
)
JOINS = {"Add", "Sub", "Mul", "Concat", "MatMul", "Sum", "GridSample", "DeformConv"}
REFUSALS = (
    "different batch sizes",
    "its output shape is not known",  # a size of 0, a reshape of the batch by zeros
)


def network(row):
    attributes, names = json.loads(row["attributes"] or "{}"), json.loads(row["node_inputs"])
    shapes, outputs = json.loads(row["input_shapes"]), json.loads(row["output_shapes"])
    data = [name for name in names if name and name not in "WB"] if row["op"] in JOINS else names[:1]
    constants = [
        numpy_helper.from_array(constant(row, name, shapes, outputs), name)
        for name in names
        if name and name not in data
    ]
    domain, _, version = row["opset"].partition(":")
    node = helper.make_node(row["op"], names, list(outputs), domain="" if domain == "ai.onnx" else domain, **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in data],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", int(version))])


def constant(row, name, shapes, outputs):
    """An input's numbers: those of the table; the factors of a resize, which it leaves out, from the sizes."""
    known = json.loads(row["int_input_values"] or "{}")
    if name in known:
        return np.array(known[name], dtype=np.int64).reshape(shapes[name])
    if name == "scales":
        before, after = next(iter(shapes.values())), next(iter(outputs.values()))
        axes = json.loads(row["attributes"] or "{}").get("axes", range(len(before)))
        return np.array([after[axis] / before[axis] for axis in axes], dtype=np.float32)
    return np.ones(shapes[name], dtype=np.float32)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["test"])
def test_the_stated_shape_leaves(row):
    wanted = next(iter(json.loads(row["output_shapes"]).values()))
    try:
        found = trace(network(row))
    except UsageError as error:
        assert any(text in str(error) for text in REFUSALS)  # noqa: PT017
        assert row["test"] in REFUSED
        return
    assert row["test"] not in REFUSED
    if 0 in wanted:  # a size of 0 that enters is read as any size
        return
    (output, *_) = found.outputs.values()
    if output in found.inputs:  # it changes nothing for one sample
        assert list(found.inputs[output]) == (wanted if row["test"] == "test_squeeze" else wanted[1:])
        return
    node = next(node for node in found.nodes if node.name == output)
    if row["op"] == "RoiAlign":  # regions in front, of one image: that is the batch, and its axis is not the first
        assert list(node.output) == [wanted[0], *wanted[2:]]
    elif all(len(json.loads(row["input_shapes"])[name]) == 1 for name in found.inputs):
        assert list(node.output) == (wanted or [1])  # a vector, which has no batch
    else:
        assert list(node.output) == (wanted[1:] or [1])
    assert (node.kind == "unknown") == any("unknown" in warning for warning in found.warnings)


def test_what_is_a_layer_is_one():
    """How many of the node tests of operators that we have become layers, and which do not."""
    unknown = Counter()
    for row in ROWS:
        if row["op"] in HANDLERS and row["test"] not in REFUSED:
            model = network(row)
            vectors = any(len(each.type.tensor_type.shape.dim) == 1 for each in model.graph.input)  # without a batch
            unknown[row["op"]] += "unknown" in " ".join(trace(model).warnings) and not vectors
    assert +unknown == UNKNOWN


REFUSED = {
    f"test_{name}"
    for name in (
        "reshape_allowzero_reordered",
        "matmul_2d",
        "matmul_bcast",
        "slice_start_out_of_bounds",
        "split_zero_size_splits_opset13",
        "split_zero_size_splits_opset18",
    )
}
UNKNOWN = Counter(
    LayerNormalization=19,  # over several axes, or the mean is read too
    Resize=18,  # by rules that PyTorch has not
    AveragePool=8,  # gaps; padding above half of the window
    LpPool=4,  # padding, gaps
    Clip=4,  # one bound, or bounds that leave nothing
    Dropout=5,  # the mask is read too
    MaxPool=3,  # the places are read too; padding above half of the window
    BatchNormalization=2,  # training
    PRelu=2,  # slopes along the last axis
    ReduceMax=2,  # all axes, the batch too
    ReduceSum=2,
    DepthToSpace=1,  # another order
    Gather=3,  # several indices
    # the first axis is not the batch there
    Flatten=6,
    Transpose=5,
    Slice=2,
    Concat=4,
    Reshape=3,
    Gemm=2,
    ReduceMean=2,
    Unsqueeze=1,
    Softmax=1,
)
