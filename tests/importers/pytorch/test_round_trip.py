"""Shipped spec → PyTorch → import: the same layers, kind by kind, with the same shapes, parameters and MACs.

`CNNCALC_IMPORT=1` takes every variant of every shipped network.
"""

import os

import pytest

import cnncalc
from cnncalc import from_torch

from ...shipped_networks import EVERY

SAMPLE = [
    "alexnet", "capsnet", "densenet", "dcgan", "fcn", "lenet5", "mobilenet_v3", "shufflenet_v1", "tcn", "unet",
    "wavenet",
]  # fmt: skip
NETWORKS = EVERY if os.environ.get("CNNCALC_IMPORT") else SAMPLE


def analysed(report):
    """What every layer is and costs; identities, which PyTorch does not run, left out."""
    return [
        (layer.kind, layer.output, layer.params, layer.macs, layer.node.buffers, layer.node.training)
        for layer in report.layers
        if layer.kind != "identity"
    ]


def returned(name, flat):
    """A shipped network as PyTorch gives it back."""
    spec = cnncalc.load(name)
    shapes = spec.inputs()
    return from_torch(
        spec.to_torch(device="meta"), shapes if len(shapes) > 1 else next(iter(shapes.values())), flat=flat
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_a_shipped_network_comes_back(name):
    assert analysed(returned(name, flat=True).analyze()) == analysed(cnncalc.load(name).analyze())


@pytest.mark.parametrize(
    ("name", "lines"), [("resnet@50", 50), ("mobilenet_v2", 50), ("unet@padded", 40), ("googlenet", 75)]
)
def test_it_comes_back_with_its_blocks(name, lines):
    """The levels that we build are of one class, which is none of the network's."""
    found, spec = returned(name, flat=False), cnncalc.load(name)
    assert found.text.count("\n") <= lines
    ours, theirs = spec.analyze(), found.analyze()
    assert (theirs.params, theirs.macs, theirs.outputs) == (ours.params, ours.macs, ours.outputs)
