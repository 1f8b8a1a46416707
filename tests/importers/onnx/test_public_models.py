"""Models that packages ship: each imports, and its products are those that ONNX's own inferred shapes give.

`CNNCALC_ONNX_MODELS` names a folder with models: unpacked wheels of rapidocr-onnxruntime, nudenet, ddddocr, magika …
"""

from __future__ import annotations

import os
from collections import Counter
from math import prod
from pathlib import Path

import onnx
import pytest

from cnncalc.importers.onnx import read_onnx
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

FOLDER = os.environ.get("CNNCALC_ONNX_MODELS")
MODELS = sorted(Path(FOLDER).rglob("*.onnx")) if FOLDER else []
PRODUCTS = {"Conv", "ConvInteger", "ConvTranspose", "Gemm", "MatMul", "MatMulInteger"}
KINDS = {"conv", "conv_transpose", "linear", "matmul"}
SIZES = {"ch_PP-OCRv4_rec_infer": {2: 48}}  # file → axis → the size that the network needs
DEFAULT = {2: 576, 3: 64, 4: 192}  # rank → every free axis: samples of sound, tokens, pixels


@pytest.mark.skipif(not MODELS, reason="CNNCALC_ONNX_MODELS names no folder with models")
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_products_are_those_of_the_inferred_shapes(path):
    model = onnx.load(path)
    given = resize(model, SIZES.get(path.stem, {}))
    network = read_onnx(path, given or None)
    report = parse(spec_text(network)).analyze()
    ours = Counter(layer.macs for layer in report.layers if layer.kind in KINDS)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    reference = Counter(products(inferred.graph, {}))
    unknown = [node for node in network.nodes if node.arguments.get("op") in PRODUCTS]
    unsaid = reference.pop(None, 0)  # products whose shapes the inference does not give
    assert (ours - reference).total() <= unsaid
    assert (reference - ours).total() <= len(unknown)


@pytest.mark.skipif(not MODELS, reason="CNNCALC_ONNX_MODELS names no folder with models")
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_imports_at_the_sizes_of_its_file(path):
    needed = (3, 48, "W") if path.stem == "ch_PP-OCRv4_rec_infer" else None  # which takes images of one height
    assert parse(spec_text(read_onnx(path, needed))).analyze().params > 0


def resize(model, sizes):
    """Put numbers for all free axes, 1 for the batch; return the shapes that changed, without the batch."""
    del model.graph.value_info[:]
    held = {each.name for each in model.graph.initializer}
    given = {}
    for each in model.graph.input:
        dims = each.type.tensor_type.shape.dim
        if each.name in held or not dims:
            continue
        state = len(dims) == 3 and dims[1].dim_value < 2  # [layers, batch, hidden]
        batch, free = int(state), any(dim.dim_value < 1 for dim in dims)
        for axis, dim in enumerate(dims):
            if dim.dim_value < 1:
                dim.dim_value = 1 if axis == batch else sizes.get(axis, DEFAULT[len(dims)])
        if free and len(dims) > 1:
            shape = [dim.dim_value for axis, dim in enumerate(dims) if axis != batch]
            given[each.name] = [shape[-1], *shape[:-1]] if shape[-1] == 3 else shape  # channels last: given first
    return given


def products(graph, outer):
    """The MACs of every product in a graph, and in the then-branches of it."""
    shapes = dict(outer)
    for each in (*graph.input, *graph.value_info, *graph.output):
        shapes[each.name] = [dim.dim_value for dim in each.type.tensor_type.shape.dim]
    shapes.update((each.name, list(each.dims)) for each in graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].HasField("t"):
            shapes[node.output[0]] = list(node.attribute[0].t.dims)
    for node in graph.node:
        attributes = {each.name: each for each in node.attribute}
        if "then_branch" in attributes:
            yield from products(attributes["then_branch"].g, shapes)
        if node.op_type in PRODUCTS:
            left, right, made = (shapes.get(name) for name in (*node.input[:2], node.output[0]))
            if not (left and right and made and all((*left, *right, *made))):
                yield None
            elif node.op_type in ("Conv", "ConvInteger"):
                yield prod(made) * prod(right[1:])
            elif node.op_type == "ConvTranspose":
                yield prod(left) * prod(right[1:])
            elif node.op_type == "Gemm":
                yield prod(right) * made[0]
            else:
                yield prod(made) * left[-1]
