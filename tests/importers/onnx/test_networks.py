"""Shipped networks → PyTorch → ONNX → import: the same layers, for all that ONNX has operators for.

What an exporter leaves out is left out of the comparison: dropout, and batch normalization where it is folded.
"""

import contextlib
import io
import logging
import os
import warnings
from collections import Counter
from math import prod

import pytest
import torch

import cnncalc
from cnncalc import shipped
from cnncalc.exporters.onnx import write_onnx
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text
from cnncalc.spec import parse

onnx = pytest.importorskip("onnx")

EVERY = bool(os.environ.get("CNNCALC_ZOO"))
SMALL = {
    "resnet@18": (3, 64, 64),
    "googlenet": (3, 64, 64),
    "mobilenet_v2": (3, 64, 64),
    "vgg@11": (3, 32, 32),
    "unet": (1, 188, 188),
    "tcn": (1, 64),
}
LEFT_OUT = {"dropout", "identity", "batchnorm"}
# What ONNX has no operator for, so that it comes as several operators or unknown ones: LeNet-5's trainable pooling,
# connection table and codes, and the routing of capsules.
OWN = {"lenet5", "capsnet"}
# ONNX does not say which tensors are trained: these fixed ones come back as parameters, and are added by `parameter`.
FIXED = {
    "detr": "its table of positions, and the zeros that its first answers are",
    "swin_v2": "the coordinates of its offsets",
}
# Operators of these stay unknown, whose totals are lower bounds; an entry fails once there are none.
UNKNOWN = {
    "swin_v2": "its biases are computed for every image, repeated for its windows, and looked up there; "
    "queries are scaled by a learned factor before their product with the keys",
}
# Exporters compute parts of these from weights alone, so that they are not in the file.
FOLDED = {"nfnet": "standardized weights with their gains, and factors that start at 0"}
STORED = {"parameter", "constant", "add"}
NETWORKS = list(SMALL)
LAID_OUT = {"flatten", "reshape", "permute", "slice", "crop", "pad", "concat", "channel_shuffle"}
"""How numbers lie, which exporters write in their own ways: channels last, crops as slices, a pad that two read."""


def exported(spec, size):
    """The ONNX model of a spec at a size; weights are whatever lies in memory, where that is quick to have."""
    graph = spec.graph(input=size) if size else spec.graph()
    # Without a size all is initialised: tables of positions and gains are read.
    network = spec.to_torch(input=size, device="meta").to_empty(device="cpu") if size else spec.to_torch()
    return written(network.eval(), tuple(torch.zeros(1, *shape) for shape in graph.inputs.values()))


def written(network, images):
    """The ONNX model of a module, by the exporter that is quick, with a batch of any size."""
    names = [f"image{number}" for number in range(len(images))]
    buffer = io.BytesIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        torch.onnx.export(
            network,
            images,
            buffer,
            dynamo=False,
            input_names=names,
            dynamic_axes={name: {0: "batch"} for name in names},
            opset_version=17,
        )
        logging.disable(logging.NOTSET)
    return onnx.load_model_from_string(buffer.getvalue())


def layers(report):
    """Every layer that ONNX keeps: kind, what enters first, what leaves, weights' sizes, MACs."""
    return Counter(
        (layer.kind, layer.node.shapes[0], layer.output, layer.node.weights.get("weight"), layer.macs)
        for layer in report.layers
        if layer.kind not in LEFT_OUT and not layer.node.training
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_layers_come_back(name):
    spec, size = cnncalc.load(name), SMALL.get(name)
    found = trace(exported(spec, size))
    ours = spec.analyze(input=size) if size else spec.analyze()
    theirs = parse(spec_text(found)).analyze()
    assert not found.warnings
    assert layers(theirs) == layers(ours)
    assert list(theirs.outputs.values()) == list(ours.outputs.values())
    assert theirs.macs == ours.macs


def work(report, without=frozenset()):
    """Every layer that computes: kind, how many numbers leave, weights' sizes, MACs."""
    return Counter(
        (layer.kind, prod(layer.output), layer.node.weights.get("weight"), layer.macs)
        for layer in report.layers
        if layer.kind not in LEFT_OUT | LAID_OUT | without and not layer.node.training
    )


@pytest.mark.skipif(not EVERY, reason="CNNCALC_ZOO is not set")
@pytest.mark.parametrize("name", [name for name in shipped.names() if name not in OWN])
def test_every_network_comes_back(name, tmp_path):
    spec, ours = cnncalc.load(name), cnncalc.load(name).analyze()
    try:
        found = trace(exported(spec, None))
    except torch.onnx.errors.UnsupportedOperatorError:  # no channel_shuffle, which the exporter of our command has
        pytest.importorskip("onnxscript")
        write_onnx(spec.graph(), tmp_path / "net.onnx")
        found = trace(onnx.load(tmp_path / "net.onnx", load_external_data=False))
    theirs = parse(spec_text(found)).analyze()
    assert list(theirs.outputs.values()) == list(ours.outputs.values())
    assert bool(found.warnings) == (name in UNKNOWN)
    assert (theirs.macs == ours.macs) == (name not in UNKNOWN)
    apart = {*FIXED, *UNKNOWN, *FOLDED}
    assert (work(theirs) == work(ours)) == (name not in apart)
    assert name not in FIXED.keys() - UNKNOWN.keys() or work(theirs, STORED) == work(ours, STORED)
    fixed = sum(prod(layer.output) for layer in ours.layers if layer.kind == "constant" and name in FIXED)
    folded = sum(layer.params for layer in ours.layers if layer.kind == "batchnorm" and not layer.node.training)
    assert theirs.params - fixed <= ours.params
    assert (theirs.params - fixed >= ours.params - folded) == (name not in FOLDED)  # convolutions get a bias each


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(4, 4, 3, padding=1)
        self.act = torch.nn.ReLU()

    def forward(self, x):
        return self.act(x + self.conv(x))


def test_names_are_those_of_the_modules():
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.Sequential(Block(), Block())).eval()
    found = trace(written(network, (torch.zeros(1, 3, 8, 8),)))
    assert [node.name for node in found.nodes] == [
        "0",
        *("1.0.conv", "1.0.add1", "1.0.act"),
        *("1.1.conv", "1.1.add1", "1.1.act"),
    ]
